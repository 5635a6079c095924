import type { Clock } from '../../shared/ports.ts';

export type FastClock = Clock & { speed: number };

/**
 * A clock that goes so many times as fast as the real one; whoever waits by it waits so much less.
 *
 * @param startedMs when it told the real time: the same for clocks that are to agree; left out: now
 */
export function fastClock(speed: number, startedMs: number = performance.timeOrigin + performance.now()): FastClock {
  const now = (): number => Math.round(startedMs + (performance.timeOrigin + performance.now() - startedMs) * speed);
  return {
    speed,
    now,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = setTimeout(resolve, ms / speed);
        signal?.addEventListener(
          'abort',
          () => {
            clearTimeout(timer);
            reject(signal.reason);
          },
          { once: true },
        );
      }),
  };
}
