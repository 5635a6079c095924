import { expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../../../shared/adapters/system/clock.ts';

test('a sleep ends by itself', async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
});

test.each(['before', 'during'])('a sleep that is aborted %s it rejects with the reason', async (when) => {
  const abort = new AbortController();
  const reason = new Error('shutting down');
  if (when === 'before') abort.abort(reason);
  const sleeping = systemClock.sleep(60_000, abort.signal);
  if (when === 'during') abort.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});

test('the clock tells milliseconds since 1970', () => {
  expect(Number.isSafeInteger(systemClock.now())).toBe(true);
  expect(systemClock.now()).toBeGreaterThan(Date.parse('2026-01-01T00:00:00.000Z'));
});

test('random numbers are at least 0 and below 1', () => {
  const numbers = Array.from({ length: 1_000 }, systemRandom);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(900);
});
