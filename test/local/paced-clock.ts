import type { FastClock } from './fast-clock.ts';

/** How often it looks who has waited long enough, in real milliseconds. */
const TICK_MS = 5;
/**
 * What one turn of the event loop counts at most, in real milliseconds: on a machine that gives this process few turns, deadlines
 * of this clock, which are so many times as short, would else pass before anything could be done.
 */
const TURN_MS = 25;

export type PacedClock = FastClock & {
  /** Goes no faster than the real one until it ends: for what computes, and is not simulated. */
  atRealSpeed<T>(run: () => Promise<T>): Promise<T>;
};

/** A fast clock for one process, which goes slower where the machine is busy. */
export function pacedClock(speed: number): PacedClock {
  let nowMs = performance.timeOrigin + performance.now();
  let lastMs = performance.now();
  const waiting = new Map<() => void, number>();
  let ticking: NodeJS.Timeout | undefined;
  let computing = 0;

  const now = (): number => {
    const realMs = performance.now();
    nowMs += Math.min(realMs - lastMs, TURN_MS) * (computing > 0 ? 1 : speed);
    lastMs = realMs;
    return Math.round(nowMs);
  };
  const tick = (): void => {
    const at = now();
    for (const [wake, dueMs] of waiting) if (dueMs <= at) wake();
  };
  const forget = (wake: () => void): void => {
    waiting.delete(wake);
    if (waiting.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };

  return {
    speed,
    now,
    async atRealSpeed(run) {
      now();
      computing += 1;
      try {
        return await run();
      } finally {
        now();
        computing -= 1;
      }
    },
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          forget(wake);
          reject(signal?.reason);
        };
        const wake = (): void => {
          forget(wake);
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        waiting.set(wake, now() + ms);
        ticking ??= setInterval(tick, TICK_MS);
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}
