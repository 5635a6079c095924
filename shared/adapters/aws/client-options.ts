import type { CallLimits } from './calls.ts';

/** Storage answers within tens of milliseconds; what has taken this long is tried anew on another connection. */
const TRY_MS = 2_500;

/** A host that takes no connection in this time is not there. */
const CONNECT_MS = 1_000;

/**
 * The SDK's own count, said so that AWS_MAX_ATTEMPTS in some base image changes nothing: it waits up to 50 and 100 ms after
 * a failure, up to 1 and 2 s after a throttled call, with full jitter, and its budget of retries ends a storm of them.
 */
const TRIES = 3;

/** A work batch of ten with its records, and one connection each. */
const MAX_SOCKETS = 50;

/**
 * What every client is made with. Credentials and region come by the SDK's own chain: environment, web identity, shared
 * files, container, instance.
 *
 * @param endpoint in place of AWS's own, `https://…`
 */
export function clientOptions(endpoint: string | undefined, { tryMs = TRY_MS }: CallLimits) {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: TRIES,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, tryMs),
      requestTimeout: tryMs,
      // Without it a request that is too slow is only logged.
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  };
}
