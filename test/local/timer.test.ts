import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTimer } from '../../local/timer.ts';
import { collectingLog } from '../kit.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const EVERY_MS = 60_000;

describe('the timer', () => {
  test('runs at once, then at each interval, until stopped', async () => {
    let runs = 0;
    const timer = startTimer(async () => ++runs, { everyMs: EVERY_MS, log: collectingLog() });
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(3 * EVERY_MS);
    expect(runs).toBe(4);
    await timer.stop();
    await vi.advanceTimersByTimeAsync(3 * EVERY_MS);
    expect(runs).toBe(4);
  });

  test('never runs two at a time, and goes on after a slow one', async () => {
    const ends: (() => void)[] = [];
    const run = () => new Promise<void>((resolve) => ends.push(resolve));
    const timer = startTimer(run, { everyMs: EVERY_MS, log: collectingLog() });
    await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await timer.stop();
  });

  test('logs a failure, and runs again all the same', async () => {
    const log = collectingLog();
    let runs = 0;
    const fail = async (): Promise<void> => {
      runs += 1;
      throw new Error(`no store in run ${runs}`);
    };
    const timer = startTimer(fail, { everyMs: EVERY_MS, log });
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    await timer.stop();
    expect(log.events).toEqual([
      { level: 'error', event: 'watch-failed', fields: { error: 'no store in run 1' } },
      { level: 'error', event: 'watch-failed', fields: { error: 'no store in run 2' } },
    ]);
  });

  test('stops only once the run under way has ended', async () => {
    const end = Promise.withResolvers<void>();
    const timer = startTimer(() => end.promise, { everyMs: EVERY_MS, log: collectingLog() });
    let stopped = false;
    const stopping = timer.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(stopped).toBe(false);
    end.resolve();
    await stopping;
    expect(stopped).toBe(true);
  });
});
