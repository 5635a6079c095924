import { asHeadroomError, HeadroomError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { awsFailure } from './failure.ts';
import type { AssumeRole, RoleCredentials } from './taken-role-client.ts';

/** Who this process is by a role that it takes on; the clients of the SDK ask for it before each call. */
export type AwsCredentials = () => Promise<RoleCredentials>;

export type TakenRole = {
  arn: string;
  externalId?: string;
  /** For messages: `the role that acts`. */
  what: string;
  /** What helps where nobody is let in. */
  nextStep: string;
};

/** A session lives an hour; what has less left than a long query of logs takes is replaced. */
const FRESH_FOR_MS = 5 * 60_000;

/** A role that let nobody in is asked again no sooner: AssumeRole has a limit that cannot be raised. */
const PAUSE_MS = 60_000;

/**
 * A role, taken on when it is first needed and kept until shortly before its session ends. One question at a time; a refusal
 * holds for a minute.
 *
 * @param asking.endpoint base URL in place of that of STS
 * @returns credentials; rejects with a HeadroomError, `denied` where the role lets nobody in
 */
export function takenRole(
  role: TakenRole,
  { clock, endpoint }: { clock: Clock; endpoint?: string | undefined },
): AwsCredentials {
  const { what, nextStep, ...asked } = role;
  const assume = openedLater(endpoint);
  return kept(() => assume(asked).catch((error: unknown) => refused(error, role)), clock);
}

function openedLater(endpoint: string | undefined): AssumeRole {
  return async (role) => (await import('./taken-role-client.ts')).openAssumeRole(endpoint)(role);
}

function kept(ask: AwsCredentials, clock: Clock): AwsCredentials {
  let held: { answer: Promise<RoleCredentials>; untilMs: number } | undefined;
  return () => {
    if (held && clock.now() < held.untilMs) return held.answer;
    const answer = ask();
    const mine = { answer, untilMs: Number.POSITIVE_INFINITY };
    held = mine;
    answer.then(
      ({ expiration }) => {
        mine.untilMs = expiration.getTime() - FRESH_FOR_MS;
      },
      () => {
        mine.untilMs = clock.now() + PAUSE_MS;
      },
    );
    return answer;
  };
}

function refused(error: unknown, { what, nextStep }: TakenRole): never {
  const known = asHeadroomError(awsFailure(error, 'sts', `taking on ${what}`, Date.now()), 'unavailable', '');
  if (known.kind !== 'denied') throw known;
  throw new HeadroomError('denied', known.message, { cause: known, nextStep });
}
