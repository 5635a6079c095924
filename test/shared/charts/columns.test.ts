import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawColumns } from '../../../shared/charts/columns.ts';
import type { Chart } from '../../../shared/model.ts';
import { chart as anyChart } from '../chat/hostile.ts';
import { burstChart } from '../chat/incidents.ts';

function chartOf(served: (number | null)[], refused: (number | null)[], limit?: number): Chart {
  return {
    title: 't',
    unit: 'requests per 10 s',
    from: '2026-11-20T14:00:00.000Z',
    to: '2026-11-20T14:01:20.000Z',
    stepSeconds: 10,
    series: [
      { name: 'served', role: 'served', values: served },
      { name: 'refused', role: 'refused', values: refused },
    ],
    markers: [],
    ...(limit === undefined ? {} : { limit: { label: 'limit', value: limit } }),
  };
}

describe('a chart of columns', () => {
  test('stands served below refused, with the limit where it is', () => {
    const drawn = drawColumns(chartOf([100, 400, 400, null, 0], [0, 0, 200, null, 0], 400), { columns: 26, rows: 6 });
    expect(drawn?.plot).toEqual([
      '600 ┤        ████',
      '    ┤        ████',
      '    ┤╌╌╌╌▒▒▒▒▒▒▒▒╌╌╌╌╌╌╌╌',
      '    ┤    ▒▒▒▒▒▒▒▒',
      '    ┤    ▒▒▒▒▒▒▒▒',
      '    ┤▒▒▒▒▒▒▒▒▒▒▒▒',
      '  0 └────────────────────',
      '     14:00:00    14:00:50',
    ]);
    expect(drawn?.legend).toBe('▒ served  █ refused  peak 600  ╌ limit 400');
  });

  test('shows a few refused among many served', () => {
    expect(drawColumns(chartOf([4000], [1]), { columns: 24, rows: 4 })?.plot[0]).toContain('█');
  });

  test('tells a limit far above in words, so that columns stay columns', () => {
    const drawn = drawColumns(chartOf([10, 20], [0, 0], 4000), { columns: 24, rows: 4 });
    expect(drawn?.plot.join()).not.toContain('╌');
    expect(drawn?.legend).toContain('limit 4,000, not in view');
  });

  test('is none where nothing was measured', () => {
    expect(drawColumns(chartOf([null], []), { columns: 24, rows: 4 })).toBeNull();
    expect(drawColumns(chartOf([], []), { columns: 24, rows: 4 })).toBeNull();
  });

  test('shows below the axis where a marker falls, with its words where they fit', () => {
    const at = (second: number): string =>
      new Date(Date.parse('2026-11-20T14:00:00.000Z') + second * 1000).toISOString();
    const drawn = drawColumns(
      {
        ...burstChart(),
        markers: [
          { at: at(200), label: 'burst begins' },
          { at: at(230), label: 'alert' },
          { at: at(590), label: 'resolved `now`' },
          { at: at(600), label: 'too late' },
        ],
      },
      { columns: 67, rows: 4 },
    );
    expect(drawn?.plot.at(-2)).toBe(`${' '.repeat(14)}burst begins ▲  ▲ alert${' '.repeat(16)}resolved now ▲`);
  });

  test('shows no line of markers where none falls on the chart', () => {
    const drawn = drawColumns({ ...burstChart(), markers: [] }, { columns: 67, rows: 4 });
    expect(drawn?.plot).toHaveLength(6);
  });

  test('never passes its width and has as many lines as it says', () => {
    fc.assert(
      fc.property(
        anyChart,
        fc.integer({ min: 20, max: 90 }),
        fc.integer({ min: 2, max: 12 }),
        (chart, columns, rows) => {
          const drawn = drawColumns(chart, { columns, rows });
          fc.pre(drawn !== null);
          expect(drawn.plot.filter((line) => line.length > columns)).toEqual([]);
          expect(drawn.plot).toHaveLength(Math.max(rows, drawn.plot.some((line) => line.includes('▲')) ? 3 : 2) + 2);
        },
      ),
    );
  });
});
