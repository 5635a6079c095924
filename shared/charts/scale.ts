import type { Chart } from '../model.ts';
import { chartLength, foldChart } from './downsample.ts';

/** Below this share of the limit the limit line would press the values flat, so it is only told in words. */
const LIMIT_IN_VIEW_SHARE = 1 / 8;

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** A value as it stands at an axis: `4,000`, `1.25M`. */
export function axisNumber(value: number): string {
  if (value >= 1e15) return value.toExponential(0);
  return value < 100_000 ? NUMBER.format(value) : COMPACT.format(value);
}

/** What the height of a drawing stands for, in the chart's unit. */
export type Scale = {
  /** Highest measured value of a step, 0 where nothing was measured. */
  peak: number;
  /** Null without one, and where it is no number above zero. */
  limit: number | null;
  /** Whether the limit is drawn as a line; otherwise it is far above everything and told in words. */
  limitInView: boolean;
  /** What the whole height stands for: the peak or the limit in view; 0 where nothing was asked. */
  top: number;
};

export function scaleOf(chart: Chart): Scale {
  const peak = foldChart(chart, chartLength(chart)).reduce((high, step) => Math.max(high, step.total ?? 0), 0);
  const value = chart.limit?.value;
  const limit = value !== undefined && Number.isFinite(value) && value > 0 ? value : null;
  const limitInView = limit !== null && peak >= limit * LIMIT_IN_VIEW_SHARE;
  return { peak, limit, limitInView, top: Math.max(limitInView ? limit : 0, peak) };
}
