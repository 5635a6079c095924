import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawSparkline } from '../../../shared/charts/sparkline.ts';
import type { Chart } from '../../../shared/model.ts';
import { chart as anyChart } from '../chat/hostile.ts';

function chartOf(values: (number | null)[], limit?: number): Chart {
  return {
    title: 't',
    unit: 'requests per 10 s',
    from: '2026-11-20T14:00:00.000Z',
    to: '2026-11-20T14:01:20.000Z',
    stepSeconds: 10,
    series: [{ name: 'served', role: 'served', values }],
    markers: [],
    ...(limit === undefined ? {} : { limit: { label: 'limit', value: limit } }),
  };
}

describe('a sparkline', () => {
  test.each([
    ['is as high as its peak', chartOf([0, 1, 4, 8]), '▁▂▄█'],
    ['is as high as its limit, where that is higher', chartOf([0, 1, 4, 8], 16), '▁▂▂▄'],
    ['passes its limit at full height', chartOf([8, 32], 16), '▂█'],
    ['shows what was not measured as a gap', chartOf([8, null, 8]), '█ █'],
    ['tells little from nothing', chartOf([0, 1], 4000), '▁▂'],
  ])('%s', (_what, chart, line) => {
    expect(drawSparkline(chart, 20)?.line).toBe(line);
  });

  test('keeps the peak when it is folded', () => {
    const drawn = drawSparkline(chartOf([0, 0, 0, 9, 0, 0, 0, 0]), 4);
    expect(drawn).toEqual({ line: '▁█▁▁', peak: 9 });
  });

  test('is none where nothing was measured', () => {
    expect(drawSparkline(chartOf([null, null]), 20)).toBeNull();
  });

  test('is never wider than asked, whatever the chart holds', () => {
    fc.assert(
      fc.property(anyChart, fc.integer({ min: 1, max: 100 }), (chart, columns) => {
        expect(drawSparkline(chart, columns)?.line ?? '').toMatch(new RegExp(`^[▁-█ ]{0,${columns}}$`));
      }),
    );
  });
});
