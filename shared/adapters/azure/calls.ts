import { type HeadroomError, isRetryable } from '../../errors.ts';
import { fullJitterMs } from '../../pacing/backoff.ts';
import type { Clock, Random } from '../../ports.ts';
import { type AzureService, azureFailure } from './failure.ts';

/** One call of a service. `nth` is 1 at the first try; the signal ends the try. */
export type AzureCall = <T>(what: string, run: (signal: AbortSignal, nth: number) => Promise<T>) => Promise<T>;

export type CallOptions = { clock: Clock; random: Random; tryMs?: number; budgetMs?: number };

const TRIES = 3;

/**
 * Storage answers within tens of milliseconds; what has taken `tryMs` is tried anew on another connection. All tries and
 * waits together take at most `budgetMs`: senders of alerts wait about 10 s. Blobs may have megabytes to carry.
 */
const TIMES: Readonly<Record<AzureService, { tryMs: number; budgetMs: number }>> = {
  table: { tryMs: 3_500, budgetMs: 8_000 },
  queue: { tryMs: 3_500, budgetMs: 8_000 },
  blob: { tryMs: 10_000, budgetMs: 20_000 },
  arm: { tryMs: 10_000, budgetMs: 20_000 },
  logs: { tryMs: 55_000, budgetMs: 60_000 },
  metrics: { tryMs: 4_000, budgetMs: 12_000 },
};

const BASE_WAIT_MS = 100;
const MAX_WAIT_MS = 2_000;

/**
 * The clients' own retries are switched off for these. Theirs wait as long as `Retry-After` says, however long, without
 * jitter, and hide that a write was tried before, so that its own trace looks like another's.
 *
 * @throws HeadroomError from every call, by kind
 */
export function createAzureCalls(service: AzureService, options: CallOptions): AzureCall {
  const { clock, random, tryMs = TIMES[service].tryMs, budgetMs = TIMES[service].budgetMs } = options;

  return async (what, run) => {
    const endsAtMs = clock.now() + budgetMs;
    for (let nth = 1; ; nth += 1) {
      try {
        return await withinTime(Math.min(tryMs, Math.max(1, endsAtMs - clock.now())), (signal) => run(signal, nth));
      } catch (error) {
        const failure = azureFailure(error, service, what, clock.now());
        const waitMs = waitBefore(failure, nth, random);
        if (waitMs === null || clock.now() + waitMs >= endsAtMs) throw failure;
        await clock.sleep(waitMs);
      }
    }
  };
}

/** Null: there is no further try. */
function waitBefore(failure: HeadroomError, nth: number, random: Random): number | null {
  if (nth >= TRIES || !isRetryable(failure)) return null;
  const ownMs = fullJitterMs(nth - 1, random, { baseMs: BASE_WAIT_MS, maxMs: MAX_WAIT_MS });
  return Math.max(ownMs, failure.retryAfterMs ?? 0);
}

/** Also ends what does not listen to the signal: a token that is fetched for several calls at once. */
function withinTime<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(Math.ceil(ms));
  // First, for what throws at once leaves nobody behind to hear that it would have been late.
  const running = run(signal);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([running, late]);
}
