import type { Chart } from '../model.ts';
import { foldChart } from './downsample.ts';

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

export type Sparkline = {
  /** One character a step, at most as many as asked for. */
  line: string;
  /** Highest measured value. */
  peak: number;
};

/**
 * A chart as one line: full height is the limit, or the peak where that is higher. What was not measured is a space, and
 * a value above zero is always more than none. Null when the chart holds no measured value.
 *
 * @param columns at least 1
 */
export function drawSparkline(chart: Chart, columns: number): Sparkline | null {
  const steps = foldChart(chart, Math.max(1, Math.floor(columns)));
  const measured = steps.flatMap(({ total }) => (total === null ? [] : [total]));
  if (measured.length === 0) return null;
  const peak = Math.max(...measured);
  const limit = chart.limit !== undefined && Number.isFinite(chart.limit.value) ? Math.max(0, chart.limit.value) : 0;
  const top = Math.max(limit, peak);
  return { line: steps.map(({ total }) => (total === null ? ' ' : level(total, top))).join(''), peak };
}

function level(value: number, top: number): string {
  if (value <= 0 || top <= 0) return LEVELS[0];
  return LEVELS[Math.min(LEVELS.length - 1, Math.max(1, Math.ceil((value / top) * LEVELS.length) - 1))] ?? LEVELS[0];
}
