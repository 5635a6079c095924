import { drawColumns } from '../../charts/columns.ts';
import { markerLine, nativeChart } from '../../charts/native.ts';
import type { Chart } from '../../model.ts';
import { monospace, own, plain, run, type TeamsElement, text } from './elements.ts';
import { TEAMS_LIMITS } from './limits.ts';

const TEXT_CHART = { columns: 60, rows: 6 };
/** Not those of the other lines. */
const CALLER_COLOURS = ['categoricalPurple', 'categoricalTeal', 'categoricalMarigold'] as const;
const COLOURS = { total: 'categoricalBlue', refused: 'attention', limit: 'neutral' } as const;

/**
 * The chart as Teams draws it itself, with the same chart in text as its `fallback` for hosts that do not know it.
 * Empty when nothing was measured.
 */
export function teamsChart(chart: Chart): TeamsElement[] {
  const drawn = drawColumns(chart, TEXT_CHART);
  if (!drawn) return [];
  const native = nativeChart(chart, TEAMS_LIMITS.chartPoints, CALLER_COLOURS.length);
  if (!native) return [];
  const labels = native.labels.map((label) => plain(label, 40));
  const colours = CALLER_COLOURS.values();
  const data = native.lines.map(({ name, role, values }) => ({
    legend: plain(name, 40) || role,
    color: role === 'caller' ? (colours.next().value ?? COLOURS.limit) : COLOURS[role],
    values: values.map((y, point) => ({ x: labels[point] ?? '', y })),
  }));
  return [
    {
      type: 'Chart.Line',
      title: plain(chart.title, 80) || 'Requests',
      showTitle: true,
      showLegend: true,
      xAxisTitle: 'Time (UTC)',
      yAxisTitle: plain(chart.unit, 40) || 'requests',
      data,
      fallback: {
        type: 'Container',
        items: [
          ...text([...run(chart.title, { weight: 'Bolder' }, 80), own(' '), ...run(`(${chart.unit})`, {}, 60)]),
          ...monospace([...drawn.plot, drawn.legend].join('\n')),
        ],
      },
    },
    ...text(run(markerLine(chart) ?? '', { isSubtle: true, size: 'Small' }), 'None'),
  ];
}
