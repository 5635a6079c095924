import { describe, expect, test } from 'vitest';
import { collectingLog, fakeClock, seededRandom } from './kit.ts';

describe('the fake clock', () => {
  test('wakes sleepers when their time has come, earliest first', async () => {
    const clock = fakeClock('2026-11-20T14:00:00.000Z');
    const woken: string[] = [];
    const sleeping = [clock.sleep(20).then(() => woken.push('late')), clock.sleep(10).then(() => woken.push('early'))];
    clock.advance(9);
    await Promise.resolve();
    expect(woken).toEqual([]);
    clock.advance(11);
    await Promise.all(sleeping);
    expect(woken).toEqual(['early', 'late']);
    expect(new Date(clock.now()).toISOString()).toBe('2026-11-20T14:00:00.020Z');
    expect(clock.slept).toEqual([20, 10]);
  });

  test('does not wait for no time', async () => {
    await expect(fakeClock().sleep(0)).resolves.toBeUndefined();
  });

  test.each(['before', 'during'])('a sleep that is aborted %s it rejects with the reason', async (when) => {
    const abort = new AbortController();
    if (when === 'before') abort.abort('stop');
    const sleeping = fakeClock().sleep(10, abort.signal);
    if (when === 'during') abort.abort('stop');
    await expect(sleeping).rejects.toBe('stop');
  });
});

test('seeded numbers repeat for one seed, differ for another, and spread evenly', () => {
  const draw = (seed: number): number[] => Array.from({ length: 10_000 }, seededRandom(seed));
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const tenths = draw(1).filter((number) => number >= 0 && number < 0.1).length;
  expect(tenths).toBeGreaterThan(900);
  expect(tenths).toBeLessThan(1_100);
});

test('the collecting log keeps events in order', () => {
  const log = collectingLog();
  log.info('a', { n: 1 });
  log.error('b');
  expect(log.events).toEqual([
    { level: 'info', event: 'a', fields: { n: 1 } },
    { level: 'error', event: 'b', fields: {} },
  ]);
});
