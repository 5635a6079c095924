import { callerOf } from '../diagnoses/caller.ts';
import { callers } from '../evidence/callers.ts';
import { load } from '../evidence/load.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import type { Limit } from '../limits.ts';
import type { Caller, Chart, Evidence, Time } from '../model.ts';

const POINTS_MAX = 120;
/** Limits are counted over ten seconds, so no finer step says more. */
const STEPS_S = [10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400] as const;
/** Beside them all others are one; more colours would not be told apart. */
const CALLERS_MAX = 4;
/** Before the first and after the last refusal, at least. */
const CONTEXT_S = 180;

/**
 * Requests of the limited classes against the limit: each step holds the busiest window of the limit that ends in it,
 * split into served and refused, so that no burst is hidden by where a step begins. At most 120 points a series.
 *
 * Where something was refused, the chart shows that with three minutes around it rather than the whole window.
 * Beside it, what the busiest callers asked in the same windows, around the refusals; null where that was not counted.
 * Undefined when the timeline could not be read or nothing was asked.
 *
 * @param options `nameCaller` says what people call a caller; `limit` of the class that `operationClass` names; null draws no line. `span` draws this part, to stand
 *   beside another chart.
 */
export function requestTimelineChart(
  evidence: Evidence,
  options: {
    operationClass: string;
    limit: Limit | null;
    markers: { at: Time; label: string }[];
    span?: { from: Time; to: Time };
    nameCaller?: (caller: Caller) => Caller;
  },
): Chart | undefined {
  const rows = rowsOf(evidence, timeline)?.filter((row) => row.class === options.operationClass) ?? [];
  const [first] = rows;
  if (first === undefined) return undefined;
  const served = seriesOf(rows, (row) => row.outcome !== 'refused');
  const refused = seriesOf(rows, (row) => row.outcome === 'refused');
  const { span } = options;
  const shown =
    span === undefined
      ? shownSeconds(refused, first.fromSecond)
      : { from: secondOf(span.from, first), to: secondOf(span.to, first) };
  const stepSeconds =
    STEPS_S.find((step) => step * POINTS_MAX >= shown.to - shown.from) ??
    Math.ceil((shown.to - shown.from) / POINTS_MAX);
  const windowSeconds = options.limit?.windowSeconds ?? 10;
  const busiest = busiestWindows(served, refused, { ...shown, stepSeconds, windowSeconds });
  const at = (second: number): Time => new Date((first.fromSecond + second) * 1000).toISOString();
  const from = at(shown.from);
  const to = at(shown.from + busiest.length * stepSeconds);
  return {
    title: `Requests against the limit (${options.operationClass} operations)`,
    unit: `requests per ${windowSeconds} s`,
    from,
    to,
    stepSeconds,
    series: [
      { name: 'served', role: 'served', values: busiest.map((window) => window.served) },
      { name: 'refused', role: 'refused', values: busiest.map((window) => window.refused) },
      ...callerSeries(evidence, busiest, { ...options, windowSeconds, fromSecond: first.fromSecond }),
    ],
    ...(options.limit !== null && { limit: { label: 'limit', value: options.limit.max } }),
    markers: options.markers.filter((marker) => marker.at >= from && marker.at < to),
  };
}

function secondOf(time: Time, { fromSecond }: TimelineRow): number {
  return Math.max(0, Math.floor(Date.parse(time) / 1000) - fromSecond);
}

function seriesOf(rows: readonly TimelineRow[], chosen: (row: TimelineRow) => boolean): number[] {
  const length = Math.max(...rows.map((row) => row.perSecond.length));
  const sum = new Array<number>(length).fill(0);
  for (const row of rows.filter(chosen))
    for (const [second, count] of row.perSecond.entries()) sum[second] = (sum[second] ?? 0) + count;
  return sum;
}

/** Seconds of the series that are drawn, from a whole minute on where there is one. */
function shownSeconds(refused: readonly number[], fromSecond: number): { from: number; to: number } {
  const onset = refused.findIndex((count) => count > 0);
  if (onset < 0) return { from: 0, to: refused.length };
  const last = refused.findLastIndex((count) => count > 0);
  const from = onset - CONTEXT_S;
  return { from: Math.max(0, from - ((fromSecond + from) % 60)), to: Math.min(refused.length, last + 1 + CONTEXT_S) };
}

/** `end`: its last second, of the series. */
type Busiest = { served: number; refused: number; end: number };

function busiestWindows(
  served: readonly number[],
  refused: readonly number[],
  { from, to, stepSeconds, windowSeconds }: { from: number; to: number; stepSeconds: number; windowSeconds: number },
): Busiest[] {
  const steps: Busiest[] = [];
  let window: Busiest = { served: 0, refused: 0, end: 0 };
  for (let second = Math.max(0, from - windowSeconds); second < to; second++) {
    const leaving = second - windowSeconds;
    const gone = leaving >= Math.max(0, from - windowSeconds);
    window = {
      served: window.served + (served[second] ?? 0) - (gone ? (served[leaving] ?? 0) : 0),
      refused: window.refused + (refused[second] ?? 0) - (gone ? (refused[leaving] ?? 0) : 0),
      end: second,
    };
    if (second < from) continue;
    const step = Math.floor((second - from) / stepSeconds);
    const best = steps[step];
    if (best === undefined || window.served + window.refused > best.served + best.refused) steps[step] = window;
  }
  return steps;
}

type CallerOptions = {
  operationClass: string;
  windowSeconds: number;
  /** Since the epoch, of the timeline. */
  fromSecond: number;
  nameCaller?: (caller: Caller) => Caller;
};

/** The busiest callers of the class, most requests first; users are not named, as the picture may be passed on. */
function callerSeries(evidence: Evidence, busiest: readonly Busiest[], options: CallerOptions): Chart['series'] {
  const { operationClass, windowSeconds, fromSecond, nameCaller = (caller) => caller } = options;
  const known = rowsOf(evidence, callers) ?? [];
  const rows = (rowsOf(evidence, load) ?? []).filter((row) => row.class === operationClass);
  const series = rows.flatMap((row) => {
    const caller = known.find(({ caller: id }) => id === row.caller);
    if (caller === undefined) return [];
    const asked = row.first.map((first, second) => first + (row.retry[second] ?? 0));
    const values = busiest.map(({ end }) => {
      const last = end + fromSecond - row.fromSecond;
      if (last < 0 || last - windowSeconds + 1 >= asked.length) return null;
      return asked.slice(Math.max(0, last - windowSeconds + 1), last + 1).reduce((sum, count) => sum + count, 0);
    });
    const { kind, displayName, id } = nameCaller(callerOf(caller));
    return [{ name: kind === 'user' ? 'a user' : (displayName ?? id), role: 'caller' as const, values }];
  });
  const total = (values: readonly (number | null)[]): number =>
    values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  return series
    .filter(({ values }) => total(values) > 0)
    .sort((a, b) => total(b.values) - total(a.values))
    .slice(0, CALLERS_MAX);
}
