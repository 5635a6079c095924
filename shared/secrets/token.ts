import { type Breaker, createBreaker } from '../pacing/breaker.ts';
import type { Random } from '../pacing/random.ts';
import { createSingleFlight } from '../pacing/single-flight.ts';
import type { Timing } from './clock.ts';
import { SecretsError } from './errors.ts';

/** Structurally the `TokenCredential` of @azure/core-auth. */
export type TokenCredential = {
  getToken(scopes: string | string[], options?: TokenOptions): Promise<AccessToken | null>;
};
export type AccessToken = { token: string; expiresOnTimestamp: number; refreshAfterTimestamp?: number };
export type TokenOptions = { abortSignal?: AbortSignal; tenantId?: string; claims?: string; enableCae?: boolean };

export type GuardedCredential = {
  /** Never null; rejects with a `SecretsError` of kind `unavailable`. */
  getToken(scopes: string | string[], options?: object): Promise<AccessToken>;
  breaker: Breaker;
  /** Is called each time that the endpoint is back. */
  onRecovered(listener: () => void): void;
};

const REFRESH_BEFORE_EXPIRY_MS = 300_000;
const EXPIRY_MARGIN_MS = 5_000;
/** A token that is good for longer than this is used at once and renewed beside: an endpoint that hangs holds up nobody. */
const UNHURRIED_MS = 60_000;
const CALL_TIMEOUT_MS = 30_000;
/** Shorter than a call's: the next probe waits behind it. */
const PROBE_TIMEOUT_MS = 10_000;
/** From one probe of a token endpoint that is down to the next, its own time included; recovery takes at most this. */
export const TOKEN_PROBE_MS = 60_000;

/**
 * One token a scope for the whole process, one call at a time, a breaker before the endpoint, and a token that is still
 * valid when the endpoint is not: an outage of managed identity must not become one of the vault.
 */
export function guardCredential(credential: TokenCredential, timing: Timing, random: Random): GuardedCredential {
  const tokens = new Map<string, AccessToken>();
  const recovered: (() => void)[] = [];
  const flight = createSingleFlight<AccessToken>();
  const breaker = createBreaker({
    random,
    failures: 3,
    probeAfterMs: 15_000,
    maxProbeAfterMs: TOKEN_PROBE_MS - PROBE_TIMEOUT_MS,
  });

  const fetchToken = async (key: string, scopes: string[], options: TokenOptions): Promise<AccessToken> => {
    const permit = breaker.ask(timing.now());
    if (permit.kind === 'refuse')
      throw unavailable(new Error('the token endpoint failed repeatedly and is left alone for a while'));
    const timeoutMs = permit.kind === 'probe' ? PROBE_TIMEOUT_MS : CALL_TIMEOUT_MS;
    const deadline = new AbortController();
    const settled = new AbortController();
    try {
      // Managed identity ignores the signal and goes on trying: what it brings after its time is welcome all the same.
      const call = credential.getToken(scopes, { ...options, abortSignal: deadline.signal }).then((token) => {
        if (token === null) throw new Error('the credential gave no token');
        const wasBroken = breaker.state(timing.now()) !== 'closed';
        breaker.succeeded(timing.now());
        const outrun = settled.signal.aborted && (tokens.get(key)?.expiresOnTimestamp ?? 0) > token.expiresOnTimestamp;
        if (!outrun) tokens.set(key, token);
        if (wasBroken) for (const listener of recovered) listener();
        return token;
      });
      const late = timing.idle(timeoutMs, settled.signal).then(() => {
        if (settled.signal.aborted) return call;
        deadline.abort();
        throw new Error(`no answer within ${timeoutMs / 1_000} s`);
      });
      return await Promise.race([call, late]);
    } catch (error) {
      breaker.failed(timing.now());
      throw unavailable(error);
    } finally {
      settled.abort();
    }
  };

  return {
    breaker,
    onRecovered: (listener) => void recovered.push(listener),
    async getToken(scopes, given = {}) {
      const options: TokenOptions = pickOptions(given);
      const list = typeof scopes === 'string' ? [scopes] : scopes;
      // A claims challenge says that the present token is refused: it needs a new one.
      const key = JSON.stringify([list, options.tenantId ?? null]);
      const present = options.claims === undefined ? tokens.get(key) : undefined;
      const now = timing.now();
      const left = present === undefined ? Number.NEGATIVE_INFINITY : present.expiresOnTimestamp - now;
      const due =
        left <= REFRESH_BEFORE_EXPIRY_MS || now >= (present?.refreshAfterTimestamp ?? Number.POSITIVE_INFINITY);
      if (present !== undefined && !due) return present;
      const renewed = flight.run(options.claims === undefined ? key : `${key}${options.claims}`, () =>
        fetchToken(key, list, options),
      );
      if (present === undefined || left <= EXPIRY_MARGIN_MS) return renewed;
      const fallenBack = renewed.catch(() => present);
      return left > UNHURRIED_MS ? present : fallenBack;
    },
  };
}

function unavailable(cause: unknown): SecretsError {
  return new SecretsError(
    'unavailable',
    'no token could be had for this identity; check that the managed identity or credential exists and that its endpoint answers',
    { cause },
  );
}

/** What identifies a token; signals and spans of single callers are left out, for the call is shared. */
function pickOptions(given: object): TokenOptions {
  const read = (name: string): unknown => Reflect.get(given, name);
  const [tenantId, claims, enableCae] = [read('tenantId'), read('claims'), read('enableCae')];
  return {
    ...(typeof tenantId === 'string' ? { tenantId } : {}),
    ...(typeof claims === 'string' ? { claims } : {}),
    ...(typeof enableCae === 'boolean' ? { enableCae } : {}),
  };
}
