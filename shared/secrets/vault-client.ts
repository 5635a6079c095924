import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { retryAfterMs } from '../pacing/retry-after.ts';
import type { Timing } from './clock.ts';
import { isSecretsError } from './errors.ts';
import { tokenScopeOf } from './reference.ts';
import type { GuardedCredential } from './token.ts';

export type VaultAnswer =
  | { kind: 'secret'; value: string; contentType: string | undefined }
  | { kind: 'not-found' | 'forbidden' | 'bad-reference'; cause: unknown }
  | { kind: 'throttled'; retryAfterMs: number | null; cause: unknown }
  /** `noToken`: the vault was not called. */
  | { kind: 'unavailable'; noToken: boolean; cause: unknown };

export type ReadVault = (name: string, version: string | undefined, timeoutMs: number) => Promise<VaultAnswer>;

const MAX_RETRY_AFTER_MS = 60_000;

/** Reads one vault once, without retries of the SDK's own; whatever comes back is a value. */
export function createVaultClient(
  origin: string,
  credential: GuardedCredential,
  timing: Timing,
  options: SecretClientOptions,
): ReadVault {
  const client = new SecretClient(origin, credential, { ...options, retryOptions: { maxRetries: 0 } });
  const scope = tokenScopeOf(origin);

  return async (name, version, timeoutMs) => {
    const deadline = new AbortController();
    const settled = new AbortController();
    timing.idle(timeoutMs, settled.signal).then(
      () => {
        if (!settled.signal.aborted) deadline.abort();
      },
      () => {},
    );
    try {
      // Token first: without one the vault is not bothered, for it would only answer with a challenge.
      await credential.getToken(scope, { enableCae: true });
      const secret = await client.getSecret(name, {
        ...(version === undefined ? {} : { version }),
        abortSignal: deadline.signal,
      });
      if (secret.value === undefined) return { kind: 'not-found', cause: new Error('the secret has no value') };
      return { kind: 'secret', value: secret.value, contentType: secret.properties.contentType };
    } catch (error) {
      return judge(error, timing.now());
    } finally {
      settled.abort();
    }
  };
}

function judge(error: unknown, now: number): VaultAnswer {
  if (isSecretsError(error)) return { kind: 'unavailable', noToken: true, cause: error };
  const status = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  switch (status) {
    case 404:
      return { kind: 'not-found', cause: error };
    case 401:
    case 403:
      return { kind: 'forbidden', cause: error };
    case 400:
      return { kind: 'bad-reference', cause: error };
    case 429:
      return { kind: 'throttled', retryAfterMs: retryAfterOf(error, now), cause: error };
    default:
      return { kind: 'unavailable', noToken: false, cause: error };
  }
}

/** Reads Retry-After in all its spellings from an SDK error's response; null when it says nothing. */
export function retryAfterOf(error: unknown, now: number, capMs = MAX_RETRY_AFTER_MS): number | null {
  const response: unknown = error instanceof Error ? Reflect.get(error, 'response') : undefined;
  const headers: unknown =
    typeof response === 'object' && response !== null ? Reflect.get(response, 'headers') : undefined;
  if (typeof headers !== 'object' || headers === null) return null;
  const get: unknown = Reflect.get(headers, 'get');
  if (typeof get !== 'function') return null;
  return retryAfterMs(
    (name) => {
      const value: unknown = get.call(headers, name);
      return typeof value === 'string' ? value : undefined;
    },
    now,
    capMs,
  );
}
