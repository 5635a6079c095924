import type { Row, Time } from '../../model.ts';
import type { MetricsAnswer } from './metrics-client.ts';

const MINUTE_MS = 60_000;

/** What one request was for, and what came of it. */
export type AnsweredMetric = { name: string; splitBy?: string | undefined; answers: readonly MetricsAnswer[] };

/**
 * Metrics come 1 to 3 minutes late, seldom later. Of a younger minute silence, and a count of nothing, say nothing: some are
 * given as 0 before anything of them has arrived.
 */
const SETTLED_MS = 5 * MINUTE_MS;

/**
 * A row for each series: resource, metric, value of the dimension that it was split by, one value a minute. All end with the
 * last minute that any of them knows of.
 */
export function seriesRows(
  answered: readonly AnsweredMetric[],
  { from, to, nowMs }: { from: Time; to: Time; nowMs: number },
): Row[] {
  const fromMinute = minuteOf(Date.parse(from));
  const minutes = Math.max(0, Math.ceil(Date.parse(to) / MINUTE_MS) - fromMinute);
  const rows = answered.flatMap(({ name, splitBy, answers }) =>
    answers.flatMap(({ resourceId, series }) =>
      series.map(({ dimensions, points }) => ({
        resource: resourceId,
        metric: name,
        split: splitBy === undefined ? null : (dimensionIn(dimensions, splitBy) ?? null),
        ...byMinute(points, fromMinute, minutes),
      })),
    ),
  );
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

/** Names of dimensions come in lower case as well. */
function dimensionIn(dimensions: MetricsAnswer['series'][number]['dimensions'], name: string): string | undefined {
  return dimensions.find((dimension) => dimension.name.toLowerCase() === name.toLowerCase())?.value;
}

function byMinute(
  points: MetricsAnswer['series'][number]['points'],
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
