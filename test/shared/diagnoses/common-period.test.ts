import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonPeriodOf } from '../../../shared/diagnoses/common-period.ts';

/** So many rounds, each of which lasts some seconds, after a quiet minute. */
function rounds(count: number, everySeconds: number, lastsSeconds = 3): number[] {
  const series = new Array<number>(60 + count * everySeconds).fill(0);
  for (let round = 0; round < count; round++)
    for (let second = 0; second < lastsSeconds; second++) series[60 + round * everySeconds + second] = 100;
  return series;
}

describe('a common period', () => {
  test('is found with its rounds, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 300 }), fc.integer({ min: 4, max: 9 }), (everySeconds, count) => {
        const period = commonPeriodOf(rounds(count, everySeconds));
        expect(period?.seconds).toBeGreaterThanOrEqual(everySeconds - 1);
        expect(period?.seconds).toBeLessThanOrEqual(everySeconds + 1);
        expect(Math.abs((period?.rounds ?? 0) - count)).toBeLessThanOrEqual(1);
        expect(period?.likeness).toBeGreaterThan(0.9);
      }),
    );
  });

  test('is not told of two rounds, of a single burst, of nothing', () => {
    expect(commonPeriodOf(rounds(2, 60))?.likeness ?? 0).toBeLessThan(0.6);
    expect(commonPeriodOf(rounds(1, 60, 40))).toBeNull();
    expect(commonPeriodOf([])).toBeNull();
    expect(commonPeriodOf(new Array<number>(600).fill(0))).toBeNull();
  });

  test('is not told of work that goes on without pauses, however it varies', () => {
    const busy = Array.from({ length: 600 }, (_, second) => 50 + ((second * 7919) % 31));
    expect(commonPeriodOf(busy)).toBeNull();
  });
});
