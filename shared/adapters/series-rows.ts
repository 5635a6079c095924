import type { Row, Time } from '../model.ts';

const MINUTE_MS = 60_000;

/**
 * Metrics come 1 to 3 minutes late, seldom later. Of a younger minute silence, and a count of nothing, say nothing: some are
 * given as 0 before anything of them has arrived.
 */
const SETTLED_MS = 5 * MINUTE_MS;

/** One metric of one resource, or of one value of a dimension; points in any order, null where nothing is known. */
export type MetricSeries = {
  resource: string;
  metric: string;
  split: string | null;
  points: readonly { atMs: number; value: number | null }[];
};

/**
 * A row for each series, as `evidence/series-row.ts` describes it: one value a minute. All end with the last minute that any
 * of them knows of.
 */
export function seriesRows(
  series: readonly MetricSeries[],
  { from, to, nowMs }: { from: Time; to: Time; nowMs: number },
): Row[] {
  const fromMinute = minuteOf(Date.parse(from));
  const minutes = Math.max(0, Math.ceil(Date.parse(to) / MINUTE_MS) - fromMinute);
  const rows = series.map(({ points, ...named }) => ({ ...named, ...byMinute(points, fromMinute, minutes) }));
  const told = rows.map(({ perMinute }) => perMinute.findLastIndex((value) => value !== 0) + 1);
  const known = Math.min(minutes, Math.max(0, minuteOf(nowMs - SETTLED_MS) - fromMinute, ...told));
  if (known === 0) return [];
  return rows.map(({ perMinute, given, ...row }) => ({
    ...row,
    fromMinute,
    perMinute: perMinute.slice(0, known),
    given: given.slice(0, known),
  }));
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

function byMinute(
  points: MetricSeries['points'],
  fromMinute: number,
  minutes: number,
): { perMinute: number[]; given: number[] } {
  const perMinute = new Array<number>(minutes).fill(0);
  const given = new Array<number>(minutes).fill(0);
  for (const { atMs, value } of points) {
    const minute = minuteOf(atMs) - fromMinute;
    if (value === null || !Number.isFinite(value) || !(minute >= 0 && minute < minutes)) continue;
    perMinute[minute] = value;
    given[minute] = 1;
  }
  return { perMinute, given };
}
