import type { Chart } from '../model.ts';
import { chartLength, pickSteps, stepLabel, stepOf, totalName } from './downsample.ts';

/** What a platform's own line chart is given: every line has one value for each label. */
export type NativeChart = {
  /** When each point begins, marked where something falls on it; what, says `markerLine`. */
  labels: string[];
  lines: { name: string; role: 'total' | 'refused' | 'limit' | 'caller'; values: number[] }[];
};

/** A caller that never reaches this part of the peak is a line along the axis. */
const SEEN_SHARE = 0.05;
/** The onset of each cause, the alert, the answer, the end. */
const MARKERS_MAX = 6;

/**
 * The chart as lines of at most `points`: all requests, the refused ones among them, the limit, so that what passes the
 * limit is seen to pass it, and the busiest callers. Times at which nothing was measured are left out; null when nothing was.
 *
 * @param callersMax callers with a line of their own: these charts draw no stacks, and too many lines are not told apart
 */
export function nativeChart(chart: Chart, points: number, callersMax: number): NativeChart | null {
  const picked = pickSteps(chart, points).flatMap(({ bucket, step }) => {
    const { total, refused } = stepOf(chart, step);
    return total === null ? [] : [{ bucket, step, total: finite(total), refused: finite(refused) }];
  });
  if (picked.length === 0) return null;
  const lines: NativeChart['lines'] = [
    { name: totalName(chart), role: 'total', values: picked.map(({ total }) => total) },
  ];
  if (chart.series.some(({ role }) => role === 'refused'))
    lines.push({ name: 'refused', role: 'refused', values: picked.map(({ refused }) => refused) });
  const { limit } = chart;
  if (limit && Number.isFinite(limit.value))
    lines.push({ name: limit.label, role: 'limit', values: picked.map(() => limit.value) });
  lines.push(...callerLines(chart, picked, callersMax));
  const buckets = picked.map(({ bucket }) => bucket);
  return { labels: labelsOf(chart, buckets), lines };
}

function callerLines(
  chart: Chart,
  picked: readonly { step: number; total: number }[],
  callersMax: number,
): NativeChart['lines'] {
  const seenFrom = SEEN_SHARE * Math.max(...picked.map(({ total }) => total));
  return chart.series
    .filter(({ role }) => role === 'caller')
    .map(({ name, values }) => ({
      name,
      role: 'caller' as const,
      values: picked.map(({ step }) => measured(values[step])),
    }))
    .filter(({ values }) => Math.max(...values) >= seenFrom)
    .slice(0, callersMax);
}

/** These charts know no gap in a line: what was not counted is drawn as nothing. */
function measured(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : 0;
}

function finite(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}

/** Stands beside the time of what is marked: a name would be cut there, or not be drawn at all. */
const MARK = '▲';

function labelsOf(chart: Chart, buckets: readonly number[]): string[] {
  const from = Date.parse(chart.from);
  const steps = chart.markers.map(({ at }) => Math.floor((Date.parse(at) - from) / (chart.stepSeconds * 1000)));
  return buckets.map((bucket, index) => {
    const end = buckets[index + 1] ?? chartLength(chart);
    const isMarked = steps.some((step) => step >= bucket && step < end);
    return isMarked ? `${stepLabel(chart, bucket)} ${MARK}` : stepLabel(chart, bucket);
  });
}

/** What is marked, to stand below the chart: `▲ 14:03:20 burst begins · 14:05:00 alert (UTC)`; undefined without a marker. */
export function markerLine({ markers, from, to }: Chart): string | undefined {
  const shown = markers
    .filter(({ at }) => at >= from && at < to)
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(0, MARKERS_MAX)
    .map(({ at, label }) => `${at.slice(11, 19)} ${label}`);
  return shown.length === 0 ? undefined : `${MARK} ${shown.join(' · ')} (UTC)`;
}
