/** A bundle of its own, loaded where a secret is named by reference: an installation without one has no need of the client. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isHeadroomError } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import type { RemoteProblem, RemoteValues } from '../remote-values.ts';
import { type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';

/** What a role needs to read what the environment refers to. */
export const permissions = {
  iam: [{ actions: ['secretsmanager:GetSecretValue'], resources: ['the secret'] }],
} as const;

/** A rotated secret is taken up within this time by a function that is used. */
const FRESH_MS = 300_000;

/** What could not be read again is left alone for this long; the value that is known serves. */
const REST_MS = 60_000;

/** What a caller waits for a value to be read again, when an old one is known. */
const PATIENCE_MS = 1_500;

/** Of AWS Secrets Manager: a secret by name or ARN, whole or one field of the JSON object that it holds. */
export type SecretReference = { name: string; id: string; field?: string };

export type SecretsManagerOptions = {
  references: readonly SecretReference[];
  endpoint?: string | undefined;
  limits?: CallLimits;
  /** Epoch milliseconds. */
  now: () => number;
  log: Log;
};

/** What was read last, or why there is nothing; asked for again only after `freshUntil`. */
type Known = { state: 'read'; text: string | null; freshUntil: number } | { state: Missing; freshUntil: number };

type Missing = 'denied' | 'gone';

/**
 * Reads what the references name, each secret once for all its fields, again when it is five minutes old. While it cannot be
 * read again, what is known stays.
 *
 * @returns reads what is known now; the same object as long as nothing changed
 * @throws HeadroomError `unavailable`, `throttled` or `timed-out`, from each read, as long as a secret was never read
 */
export function openSecretsManager(options: SecretsManagerOptions): () => Promise<RemoteValues> {
  const { references, endpoint, limits = {}, now, log } = options;
  const client = new SecretsManagerClient(clientOptions(endpoint, limits));
  const call = createAwsCalls('secretsmanager', limits);
  const ids = [...new Set(references.map(({ id }) => id))];
  const known = new Map<string, Known>();
  const flights = new Map<string, Promise<void>>();
  let last: RemoteValues | undefined;

  const readOnce = async (id: string): Promise<void> => {
    const standing = known.get(id);
    try {
      const { SecretString: text = null } = await call(`reading secret ${id}`, (abortSignal) =>
        client.send(new GetSecretValueCommand({ SecretId: id }), { abortSignal }),
      );
      known.set(id, { state: 'read', text, freshUntil: now() + FRESH_MS });
    } catch (error) {
      const freshUntil = now() + REST_MS;
      if (standing?.state === 'read') {
        known.set(id, { ...standing, freshUntil });
        log.warn('secret-not-refreshed', { secret: id, error: isHeadroomError(error) ? error.message : 'unknown' });
      } else known.set(id, { state: whyMissing(error), freshUntil });
    }
  };
  const refresh = async (id: string): Promise<void> => {
    const standing = known.get(id);
    if (standing !== undefined && now() < standing.freshUntil) return;
    const flight = flights.get(id) ?? readOnce(id).finally(() => flights.delete(id));
    flights.set(id, flight);
    await (standing?.state === 'read' ? Promise.race([flight, patience()]) : flight);
  };

  return async () => {
    await Promise.all(ids.map(refresh));
    const problems: RemoteProblem[] = [];
    const environment: Record<string, string> = {};
    for (const reference of references) {
      const standing = known.get(reference.id);
      if (standing?.state !== 'read') problems.push({ name: reference.name, ...MISSING[standing?.state ?? 'gone'] });
      else {
        const value = readValue(standing.text, reference.field);
        if (value === null) problems.push(fieldProblem(reference));
        else environment[reference.name] = value;
      }
    }
    const found = { environment, problems };
    if (last === undefined || JSON.stringify(last) !== JSON.stringify(found)) last = found;
    return last;
  };
}

const MISSING: Readonly<Record<Missing, Omit<RemoteProblem, 'name'>>> = {
  denied: {
    problem: 'names a secret that this role may not read',
    nextStep: 'Allow it secretsmanager:GetSecretValue on the secret, and kms:Decrypt on a key of your own.',
  },
  gone: {
    problem: 'names a secret that is not there',
    nextStep: 'Create it in AWS_REGION, or correct its name.',
  },
};

/** @throws HeadroomError the error itself, where waiting mends it */
function whyMissing(error: unknown): Missing {
  if (isHeadroomError(error) && error.kind === 'denied') return 'denied';
  if (isHeadroomError(error) && (error.kind === 'configuration' || error.kind === 'invalid')) return 'gone';
  throw error;
}

/** Null: the secret is no text, or has no such field. */
function readValue(text: string | null, field: string | undefined): string | null {
  if (text === null || field === undefined) return text;
  try {
    const parsed: unknown = JSON.parse(text);
    const value: unknown =
      typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, field) ? Reflect.get(parsed, field) : null;
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

function fieldProblem({ name, field }: SecretReference): RemoteProblem {
  return field === undefined
    ? { name, problem: 'names a secret that is not text', nextStep: 'Store it as SecretString.' }
    : {
        name,
        problem: 'names a field that its secret does not have as text',
        nextStep: 'Store a JSON object with this field, or drop the part behind #.',
      };
}

function patience(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, PATIENCE_MS).unref());
}
