import { drawColumns } from '../../charts/columns.ts';
import { pickSteps, stepLabel } from '../../charts/downsample.ts';
import type { Chart } from '../../model.ts';
import { monospace, own, plain, run, type TeamsChart, text } from './elements.ts';
import { TEAMS_LIMITS } from './limits.ts';

const TEXT_CHART = { columns: 60, rows: 6 };
const COLOURS = {
  served: 'good',
  refused: 'attention',
  total: 'categoricalBlue',
  caller: 'categoricalPurple',
} as const;

/**
 * The chart as Teams draws it itself, with the same chart in text as its `fallback` for hosts that do not know it.
 * Points that were not measured are left out. Empty when nothing was measured.
 */
export function teamsChart(chart: Chart): TeamsChart[] {
  const drawn = drawColumns(chart, TEXT_CHART);
  if (!drawn) return [];
  const series = chart.series.slice(0, chart.limit ? TEAMS_LIMITS.chartSeries - 1 : TEAMS_LIMITS.chartSeries);
  const points = pickSteps(chart, TEAMS_LIMITS.chartPoints).map(({ bucket, step }) => ({
    x: stepLabel(chart, bucket),
    step,
  }));
  const data = series.map((one) => ({
    legend: plain(one.name, 40) || one.role,
    color: COLOURS[one.role],
    values: points.flatMap(({ x, step }) => {
      const y = one.values[step];
      return typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : [];
    }),
  }));
  const limit = chart.limit;
  if (limit && Number.isFinite(limit.value))
    data.push({
      legend: plain(limit.label, 40) || 'limit',
      color: COLOURS.total,
      values: points.map(({ x }) => ({ x, y: limit.value })),
    });
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
  ];
}
