import { describe, expect, test } from 'vitest';
import { retryTideOf } from '../../../shared/diagnoses/retry-tide.ts';
import { burst, doubles, givesUp, pause } from './tries.ts';

describe('where everything asks for one thing', () => {
  test('a loop comes back sooner than any library waits', () => {
    const tide = retryTideOf([burst(pause(120, 3))], 'app');
    expect((tide?.early.tries ?? 0) - 2 * (tide?.early.error ?? 9)).toBeGreaterThan(0.6);
  });

  test('waits that double come back later', () => {
    const tide = retryTideOf([burst(doubles)], 'app');
    expect(tide?.early.tries).toBeLessThan(0.3);
    expect((tide?.all.tries ?? 0) - 2 * (tide?.all.error ?? 9)).toBeGreaterThan(0.4);
  });

  test('of those that give up nothing comes back', () => {
    const tide = retryTideOf([burst(givesUp)], 'app');
    expect((tide?.soon.tries ?? 9) + 2 * (tide?.soon.error ?? 9)).toBeLessThan(0.4);
    expect((tide?.all.tries ?? 9) + 2 * (tide?.all.error ?? 9)).toBeLessThan(0.4);
  });
});

test('nothing can be told of few refusals, or of nobody', () => {
  const row = burst(givesUp);
  expect(retryTideOf([{ ...row, status: row.status.map((_, index) => (index < 40 ? 429 : 200)) }], 'app')).toBeNull();
  expect(retryTideOf([row], 'nobody')).toBeNull();
});
