import { fullJitterMs } from '../pacing/backoff.ts';
import type { Random } from '../pacing/random.ts';
import { createAlarm, type Timing } from './clock.ts';
import type { ConfigurationPace } from './configuration-pace.ts';
import type { ConfigurationSource, LoadResult } from './configuration-source.ts';
import type { GuardedCredential } from './token.ts';

const START_ATTEMPTS = 5;
const START_WAIT_MS = 30_000;
/** After this, no further try is begun. */
const START_TRIES_MS = 60_000;
const TOKEN_SPREAD_MS = 500;

export type Refresher = {
  /** Tries a few times, for somebody waits; gives up quietly. */
  loadAtStart(): Promise<void>;
  /** Looks for changes from now on, at the pace. */
  schedule(): void;
  stop(): void;
};

/** Keeps loaded key-values up to date. */
export function createRefresher(context: {
  source: ConfigurationSource;
  pace: ConfigurationPace;
  timing: Timing;
  random: Random;
  /** Without a token no store is reached: then the wait is for the token, not for the next interval. */
  tokens: Pick<GuardedCredential, 'breaker' | 'onRecovered'>;
  onLoaded(result: LoadResult & { kind: 'loaded' }): void;
  onFailed(cause: unknown): void;
}): Refresher {
  const { source, pace, timing, random, tokens, onLoaded, onFailed } = context;
  let stopped = false;
  let failing = false;
  let scheduled = false;
  const alarm = createAlarm(timing.now, timing.idle, () => void round());

  const once = async (): Promise<LoadResult> => {
    const result = await source.load();
    failing = result.kind === 'failed';
    if (result.kind === 'loaded') {
      pace.succeeded(result.requests, timing.now());
      if (!stopped) onLoaded(result);
    } else {
      onFailed(result.cause);
      if (result.kind === 'throttled') pace.throttled(result.retryAfterMs, timing.now());
      else pace.failed();
    }
    return result;
  };
  const schedule = (): void => {
    scheduled = true;
    if (stopped) return;
    const now = timing.now();
    const tokenAt = tokens.breaker.retryAt();
    const next = now + pace.nextMs();
    alarm.setAtMost(failing && tokenAt > now ? Math.min(next, tokenAt + random() * TOKEN_SPREAD_MS) : next);
  };
  tokens.onRecovered(() => {
    if (failing && scheduled && !stopped) alarm.setAtMost(timing.now() + random() * TOKEN_SPREAD_MS);
  });
  const round = async (): Promise<void> => {
    await once();
    schedule();
  };

  return {
    schedule,
    async loadAtStart() {
      const startedAt = timing.now();
      for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        const result = await once();
        if (result.kind === 'loaded' || attempt === START_ATTEMPTS - 1) return;
        if (timing.now() - startedAt >= START_TRIES_MS) return;
        const asked = result.kind === 'throttled' ? Math.min(result.retryAfterMs ?? 0, START_WAIT_MS) : 0;
        await timing.sleep(asked + fullJitterMs(attempt, random));
      }
    },
    stop() {
      stopped = true;
      alarm.cancel();
    },
  };
}
