import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SeriesRow } from '../../../shared/evidence/series-row.ts';
import type { Signal } from '../../../shared/model.ts';
import { calmSince, isJudgeable } from '../../../shared/pipeline/metric-calm.ts';

const FROM = 1_000;
const REFUSED: Signal = {
  metric: 'ServiceApiResult',
  operator: 'GreaterThan',
  threshold: 5,
  aggregation: 'Total',
  windowSeconds: 300,
  dimensions: { StatusCode: '429' },
};

/** null: nothing is known of the minute. */
function series(values: readonly (number | null)[]): SeriesRow[] {
  return [
    {
      resource: 'r',
      metric: 'm',
      split: null,
      fromMinute: FROM,
      perMinute: values.map((value) => value ?? 0),
      given: values.map((value) => (value === null ? 0 : 1)),
    },
  ];
}

function since(values: readonly (number | null)[], given: Partial<Signal> = {}, calmMinutes = 5): number | null {
  const span = { from: FROM, to: FROM + values.length, calmMinutes };
  const found = calmSince(series(values), { ...REFUSED, ...given }, span);
  return found === null ? null : found - FROM;
}

const zeros = (count: number): number[] => Array<number>(count).fill(0);

describe('a count over a window', () => {
  test.each<[string, (number | null)[], number | null]>([
    ['that was never passed has been calm from the start', zeros(8), 0],
    ['is calm once the window that passed has moved on', [9, ...zeros(10)], 5],
    ['is not yet calm within the window', [9, ...zeros(5)], null],
    ['adds up over the window: 3 and 3 pass 5', [...zeros(6), 3, 0, 3, 0], null],
    ['is at the threshold and does not pass it', [5, ...zeros(7)], 0],
    ['of which nothing is told is nothing', Array(8).fill(null), 0],
  ])('%s', (_what, values, expected) => {
    expect(since(values)).toBe(expected);
  });

  test('is nothing where the answer holds no series at all', () => {
    expect(calmSince([], REFUSED, { from: FROM, to: FROM + 9, calmMinutes: 5 })).toBe(FROM);
  });
});

describe('a mean', () => {
  const CPU: Partial<Signal> = { aggregation: 'Average', threshold: 80 };
  test.each<[string, (number | null)[], number | null]>([
    ['is judged minute by minute', [90, 90, ...Array(5).fill(70)], 2],
    ['that is known every third minute may be calm', [90, null, null, 70, null, null, 60], 1],
    ['of which nothing is known is not', Array(8).fill(null), null],
    ['that passed within the time is not', [70, 70, 70, 81, 70, 70], null],
  ])('%s', (_what, values, expected) => {
    expect(since(values, CPU)).toBe(expected);
  });
});

describe('what must not fall low', () => {
  const LOW: Partial<Signal> = {
    operator: 'LessThanOrEqualToThreshold',
    aggregation: 'Sum',
    threshold: 1,
    windowSeconds: 60,
  };
  test.each<[string, (number | null)[], number | null]>([
    ['is calm while it is above', [0, ...Array(6).fill(4)], 1],
    ['is not where a minute is silent', [4, 4, 4, null, 4, 4, 4], null],
  ])('%s', (_what, values, expected) => {
    expect(since(values, LOW)).toBe(expected);
  });
});

test.each<[Partial<Signal>, boolean]>([
  [{}, true],
  [{ operator: 'GreaterThanOrEqualToThreshold' }, true],
  [{ operator: 'LessThanLowerOrGreaterThanUpperThreshold' }, false],
  [{ operator: 'GreaterOrLessThan' }, false],
  [{ operator: 'toString' }, false],
])('a rule with %j can be judged: %s', (given, expected) => {
  expect(isJudgeable({ ...REFUSED, ...given })).toBe(expected);
});

test('a rule without operator or threshold cannot be judged', () => {
  const { operator: _operator, ...unordered } = REFUSED;
  const { threshold: _threshold, ...unbounded } = REFUSED;
  expect([isJudgeable(unordered), isJudgeable(unbounded)]).toEqual([false, false]);
});

test('what is called calm holds no window that passes, and a longer calm is asked for in vain sooner', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 4 }), { minLength: 12, maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      (values, calm) => {
        const found = since(values, {}, calm);
        if (found === null) {
          expect(since(values, {}, calm + 1)).toBeNull();
          return;
        }
        for (let minute = found; minute < values.length; minute += 1)
          expect(
            values.slice(Math.max(0, minute - 4), minute + 1).reduce((sum, value) => sum + value, 0),
          ).toBeLessThanOrEqual(5);
        expect(values.length - found).toBeGreaterThanOrEqual(calm);
      },
    ),
  );
});
