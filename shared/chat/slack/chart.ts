import { pickSteps, stepLabel } from '../../charts/downsample.ts';
import type { Chart } from '../../model.ts';
import { shorten } from '../plain.ts';
import { bounded } from './escape.ts';
import { SLACK_LIMITS } from './limits.ts';

const LIMITS = SLACK_LIMITS.chart;

/** Slack's native chart, which @slack/types 3.2.0 does not know. @see https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block */
export type DataVisualizationBlock = {
  type: 'data_visualization';
  title: string;
  chart: {
    type: 'line';
    series: { name: string; data: { label: string; value: number }[] }[];
    axis_config: { categories: string[]; x_label: string; y_label: string };
  };
};

/**
 * The chart as Slack draws it itself: at most 20 points, the limit as a level series beside at most 5 others.
 * A point that one series lacks and another has counts 0, as Slack wants every category in every series; a point that
 * all lack is left out. Null when nothing was measured.
 */
export function slackChart(chart: Chart): DataVisualizationBlock | null {
  const drawn = chart.series.slice(0, chart.limit ? LIMITS.series - 1 : LIMITS.series);
  const points = pickSteps({ ...chart, series: drawn }, LIMITS.points).filter(({ step }) =>
    drawn.some((series) => typeof series.values[step] === 'number'),
  );
  if (points.length === 0) return null;
  const categories = unique(points.map(({ bucket }) => shorten(stepLabel(chart, bucket), LIMITS.label)));
  const names = unique([
    ...drawn.map((series) => name(series.name, series.role)),
    ...(chart.limit ? [name(chart.limit.label, 'limit')] : []),
  ]);
  const series = names.map((seriesName, index) => ({
    name: seriesName,
    data: points.map(({ step }, at) => ({
      label: categories[at] ?? '',
      value: finite(index < drawn.length ? drawn[index]?.values[step] : chart.limit?.value),
    })),
  }));
  return {
    type: 'data_visualization',
    title: bounded(chart.title, LIMITS.title) || 'Requests',
    chart: {
      type: 'line',
      series,
      axis_config: {
        categories,
        x_label: 'Time (UTC)',
        y_label: bounded(chart.unit, LIMITS.axisLabel) || 'requests',
      },
    },
  };
}

function name(label: string, otherwise: string): string {
  return bounded(label, LIMITS.seriesName) || otherwise;
}

function finite(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Slack refuses a chart with two series or two categories of one name: a repeat gets its number. */
function unique(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((base) => {
    let candidate = base;
    for (let count = 2; seen.has(candidate); count++) candidate = `${bounded(base, LIMITS.label - 4)} ${count}`;
    seen.add(candidate);
    return candidate;
  });
}
