import { randomUUID } from 'node:crypto';
import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

export type StsServer = Pick<FaultyServer, 'origin' | 'faults' | 'close'> & {
  /** External ids by the ARN of the role that asks for them; null for one that asks for none. */
  roles: Map<string, string | null>;
  /** Who was let in, in order: the role, and the access key that was given for it. */
  sessions: { role: string; accessKeyId: string }[];
  /** Calls, refused ones too. */
  asked: number;
};

const SESSION_MS = 3_600_000;

/**
 * AssumeRole of AWS STS, in its query protocol; signatures are not checked.
 *
 * @param now epoch ms, from which a session's hour counts
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function startSts(now: () => number = Date.now): Promise<StsServer> {
  const kept: Pick<StsServer, 'roles' | 'sessions' | 'asked'> = { roles: new Map(), sessions: [], asked: 0 };
  const { origin, faults, close } = await startFaultyServer((request) => answer(request, kept, now()));
  return Object.assign(kept, { origin, faults, close });
}

function answer({ body }: Received, kept: Pick<StsServer, 'roles' | 'sessions' | 'asked'>, nowMs: number): Answered {
  const fields = new URLSearchParams(body);
  kept.asked += 1;
  const role = fields.get('RoleArn') ?? '';
  const expected = kept.roles.get(role);
  if (fields.get('Action') !== 'AssumeRole') return failed(400, 'InvalidAction');
  if (!/^[\w+=,.@-]{2,64}$/.test(fields.get('RoleSessionName') ?? '')) return failed(400, 'ValidationError');
  if (expected === undefined || (expected !== null && fields.get('ExternalId') !== expected))
    return failed(403, 'AccessDenied');
  const accessKeyId = `ASIA${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`;
  kept.sessions.push({ role, accessKeyId });
  const expiration = new Date(nowMs + SESSION_MS).toISOString();
  const credentials = `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey><SessionToken>token-of-${accessKeyId}</SessionToken><Expiration>${expiration}</Expiration>`;
  return xml(
    200,
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

function failed(status: number, code: string): Answered {
  return xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Answered {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
