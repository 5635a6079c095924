import type { Clock, Log, LogFields, Random } from '../shared/ports.ts';

/** A clock that stands still until it is told to move. */
export type FakeClock = Clock & {
  /** Moves time on, and wakes those whose sleep is over, earliest first. */
  advance(ms: number): void;
  /** How long each sleep was asked to last, in the order they were asked for. */
  readonly slept: readonly number[];
};

/** @param start when the clock stands at first; RFC 3339 */
export function fakeClock(start = '2026-11-20T14:00:00.000Z'): FakeClock {
  let nowMs = Date.parse(start);
  const slept: number[] = [];
  const sleepers = new Set<{ untilMs: number; wake: () => void }>();
  return {
    slept,
    now: () => nowMs,
    sleep(ms, signal) {
      slept.push(ms);
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { untilMs: nowMs + ms, wake: resolve };
        if (ms <= 0) return resolve();
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      });
    },
    advance(ms) {
      nowMs += ms;
      const due = [...sleepers].filter((sleeper) => sleeper.untilMs <= nowMs);
      for (const sleeper of due.sort((a, b) => a.untilMs - b.untilMs)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** The same numbers for the same seed (mulberry32: good enough to spread tests, and for nothing else). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type LoggedEvent = { level: 'info' | 'warn' | 'error'; event: string; fields: LogFields };

/** A log that keeps what it is told. */
export function collectingLog(): Log & { readonly events: readonly LoggedEvent[] } {
  const events: LoggedEvent[] = [];
  const keep =
    (level: LoggedEvent['level']) =>
    (event: string, fields: LogFields = {}): void => {
      events.push({ level, event, fields });
    };
  return { events, info: keep('info'), warn: keep('warn'), error: keep('error') };
}
