import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chartLength, foldChart, pickSteps, stepLabel, stepOf } from '../../../shared/charts/downsample.ts';
import type { Chart } from '../../../shared/model.ts';

function chartOf(series: Chart['series'], more: Partial<Chart> = {}): Chart {
  return {
    title: 't',
    unit: 'u',
    from: '2026-11-20T14:00:00.000Z',
    to: '2026-11-20T15:00:00.000Z',
    stepSeconds: 10,
    series,
    markers: [],
    ...more,
  };
}

const served = (values: (number | null)[]) => ({ name: 'served', role: 'served' as const, values });
const refused = (values: (number | null)[]) => ({ name: 'refused', role: 'refused' as const, values });
const total = (values: (number | null)[]) => ({ name: 'total', role: 'total' as const, values });
const caller = (values: (number | null)[]) => ({ name: 'a', role: 'caller' as const, values });

describe('one step', () => {
  test.each<[string, Chart['series'], unknown]>([
    ['adds served and refused', [served([5]), refused([2])], { index: 0, refused: 2, total: 7 }],
    ['takes the total where there is one', [total([9]), refused([2]), caller([1])], { index: 0, refused: 2, total: 9 }],
    ['adds callers where there is nothing else', [caller([1]), caller([2])], { index: 0, refused: 0, total: 3 }],
    ['knows no value where nothing was measured', [served([null])], { index: 0, refused: null, total: null }],
    ['counts what is no number as not measured', [total([Number.NaN])], { index: 0, refused: null, total: null }],
    ['draws no more refused than there is', [total([3]), refused([8])], { index: 0, refused: 3, total: 3 }],
    ['takes a negative for zero', [total([-4])], { index: 0, refused: 0, total: 0 }],
  ])('%s', (_what, series, expected) => {
    expect(stepOf(chartOf(series), 0)).toEqual(expected);
  });
});

describe('folding', () => {
  test('keeps the peak of each bucket, whole', () => {
    const chart = chartOf([served([1, 2, 9, 1, 5, 4]), refused([0, 8, 0, 0, 0, 1])]);
    expect(foldChart(chart, 3)).toEqual([
      { index: 0, refused: 8, total: 10 },
      { index: 2, refused: 0, total: 9 },
      { index: 4, refused: 1, total: 5 },
    ]);
  });

  test('prefers the step with more refused among equal ones, and a measured one to none', () => {
    const chart = chartOf([served([null, 5, 4]), refused([null, 0, 1])]);
    expect(foldChart(chart, 1)).toEqual([{ index: 0, refused: 1, total: 5 }]);
  });

  test('of an empty chart is empty', () => {
    expect(pickSteps(chartOf([]), 10)).toEqual([]);
  });

  test('never loses the peak, and draws only what was measured', () => {
    const values = fc.array(fc.option(fc.nat(10_000)), { minLength: 1, maxLength: 130 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 140 }), (some, max) => {
        const chart = chartOf([total(some)]);
        const folded = foldChart(chart, max);
        expect(folded).toHaveLength(Math.min(max, chartLength(chart)));
        expect(Math.max(...folded.map((step) => step.total ?? -1))).toBe(Math.max(...some.map((value) => value ?? -1)));
        expect(folded.every((step) => step.total === null || some.includes(step.total))).toBe(true);
      }),
    );
  });
});

describe('the label of a step', () => {
  const values = (count: number) => [total(Array.from({ length: count }, () => 1))];
  test.each<[string, Partial<Chart>, number, number, string]>([
    ['seconds', { stepSeconds: 10 }, 60, 3, '14:00:30'],
    ['minutes', { stepSeconds: 60 }, 60, 3, '14:03'],
    ['days', { stepSeconds: 3600 }, 100, 30, '11-21 20:00'],
    ['a number without a step', { stepSeconds: 0 }, 5, 3, '#4'],
    ['a number without a start', { from: 'never' }, 5, 3, '#4'],
    ['a number past all time', { stepSeconds: 1e300 }, 5, 3, '#4'],
  ])('tells %s', (_what, more, count, index, expected) => {
    expect(stepLabel(chartOf(values(count), more), index)).toBe(expected);
  });
});
