import { fullJitterMs } from '../pacing/backoff.ts';
import type { Random } from '../pacing/random.ts';
import { createAlarm, type Timing } from './clock.ts';
import type { ConfigurationPace } from './configuration-pace.ts';
import type { ConfigurationSource, LoadResult } from './configuration-source.ts';

const START_ATTEMPTS = 5;
const START_WAIT_MS = 30_000;

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
  onLoaded(result: LoadResult & { kind: 'loaded' }): void;
  onFailed(cause: unknown): void;
}): Refresher {
  const { source, pace, timing, random, onLoaded, onFailed } = context;
  let stopped = false;
  const alarm = createAlarm(timing.now, timing.idle, () => void round());

  const once = async (): Promise<LoadResult> => {
    const result = await source.load();
    if (result.kind === 'loaded') {
      pace.succeeded(result.requests);
      if (!stopped) onLoaded(result);
    } else {
      onFailed(result.cause);
      if (result.kind === 'throttled') pace.throttled(result.retryAfterMs);
      else pace.failed();
    }
    return result;
  };
  const schedule = (): void => {
    if (!stopped) alarm.setAtMost(timing.now() + pace.nextMs());
  };
  const round = async (): Promise<void> => {
    await once();
    schedule();
  };

  return {
    schedule,
    async loadAtStart() {
      for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        const result = await once();
        if (result.kind === 'loaded' || attempt === START_ATTEMPTS - 1) return;
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
