import { nativeChart } from '../../charts/native.ts';
import type { Chart } from '../../model.ts';
import { bounded } from './escape.ts';
import { SLACK_LIMITS } from './limits.ts';

const LIMITS = SLACK_LIMITS.chart;

/** What the six series that Slack takes leave beside requests, refused and limit. */
const CALLERS_MAX = LIMITS.series - 3;

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
 * The chart as Slack draws it itself: at most 20 points of all requests, the refused ones, the limit and the
 * busiest callers. Null when nothing was measured.
 */
export function slackChart(chart: Chart): DataVisualizationBlock | null {
  const native = nativeChart(chart, LIMITS.points, CALLERS_MAX);
  if (native === null) return null;
  const categories = unique(native.labels.map((label) => bounded(label, LIMITS.label)));
  const names = unique(native.lines.map(({ name, role }) => bounded(name, LIMITS.seriesName) || role));
  return {
    type: 'data_visualization',
    title: bounded(chart.title, LIMITS.title) || 'Requests',
    chart: {
      type: 'line',
      series: native.lines.map(({ values }, line) => ({
        name: names[line] ?? '',
        data: values.map((value, point) => ({ label: categories[point] ?? '', value })),
      })),
      axis_config: {
        categories,
        x_label: 'Time (UTC)',
        y_label: bounded(chart.unit, LIMITS.axisLabel) || 'requests',
      },
    },
  };
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
