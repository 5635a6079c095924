import { type LoadRow, load } from '../evidence/load.ts';
import { type Ceiling, observedCeiling } from '../evidence/observed-ceiling.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import { type Limit, limitFor } from '../limits.ts';
import type { DiagnosisContext } from './diagnosis.ts';
import { between, total } from './storm.ts';

/** Fewer refusals of one class are over before anyone notices. */
const REFUSED_MIN = 20;
/** What is admitted is this share of a limit at most where that limit is not what holds. */
const FAR_BELOW = 0.6;
/** What is admitted is a limit that is known when it is off by no more than this share of it. */
const NEAR_SHARE = 0.1;

/** One class of operations that was refused, beside its own limit. */
export type Lane = {
  limit: Limit;
  refused: number;
  onsetSecond: number;
  lastSecond: number;
  /** Share of its requests between first and last refusal that were refused. */
  refusedShare: number;
  /** Most first tries, all requests, and served ones, in any one window of the limit. */
  demand: number;
  peak: number;
  mostServed: number;
  /** Served in one such window in the mean between first and last refusal. */
  meanServed: number;
  ceiling: Ceiling | null;
};

/** Null where fewer than 20 requests of that class were refused, no limit is known, or the log could not be read. */
export function laneOf({ evidence, limits }: Pick<DiagnosisContext, 'evidence' | 'limits'>, name: string): Lane | null {
  const all = rowsOf(evidence, timeline);
  const around = rowsOf(evidence, load);
  const limit = limitFor(limits, evidence.resource, name);
  if (all === null || around === null || limit === null) return null;
  const lines = all.filter((row) => row.class === name);
  const series = (outcome: TimelineRow['outcome']): readonly number[] =>
    lines.find((row) => row.outcome === outcome)?.perSecond ?? [];
  const refused = series('refused');
  if (total(refused) < REFUSED_MIN) return null;
  const onset = refused.findIndex((count) => count > 0);
  const last = refused.findLastIndex((count) => count > 0);
  const asked = refused.map((_, second) => lines.reduce((sum, { perSecond }) => sum + (perSecond[second] ?? 0), 0));
  const fromSecond = lines[0]?.fromSecond ?? 0;
  return {
    limit,
    refused: total(refused),
    onsetSecond: fromSecond + onset,
    lastSecond: fromSecond + last,
    refusedShare: total(refused) / Math.max(1, total(asked.slice(onset, last + 1))),
    demand: slidingPeak(firstPerSecond(around.filter((row) => row.class === name)), limit.windowSeconds),
    peak: slidingPeak(asked, limit.windowSeconds),
    mostServed: slidingPeak(series('served'), limit.windowSeconds),
    meanServed: (total(series('served').slice(onset, last + 1)) * limit.windowSeconds) / (last - onset + 1),
    ceiling: observedCeiling(all, name, limit.windowSeconds),
  };
}

/**
 * What one window admits as far as the log shows: the ceiling; without one, what was served in the middle between first and
 * last refusal; the most that was served, where that is hardly anything because refused requests count as well. Counted in
 * fixed windows, the most that any ten seconds show is up to twice what is admitted.
 */
export function admittedIn({ ceiling, mostServed, meanServed }: Lane): number {
  const shown = ceiling?.median ?? meanServed;
  return shown >= mostServed / 2 ? shown : mostServed;
}

/** Whether what is admitted is what some profile says of this class in general: near it, or more than its half. */
export function isGeneral(lane: Lane, generals: readonly number[]): boolean {
  const admitted = admittedIn(lane);
  return admitted > FAR_BELOW * lane.limit.max || generals.some((max) => Math.abs(admitted - max) <= NEAR_SHARE * max);
}

export type Stretch = { onsetSecond: number; lastSecond: number };

/** Share of the first tries of one class that one caller makes while refusals last, 0..1. */
export function shareOfFirst(rows: readonly LoadRow[], caller: string, name: string, stretch: Stretch): number {
  const lane = rows.filter((row) => row.class === name);
  return (
    firstDuring(
      lane.filter((row) => row.caller === caller),
      stretch,
    ) / Math.max(1, firstDuring(lane, stretch))
  );
}

/** The same of all classes. */
export function shareOfLoad(
  { load, onsetSecond, lastSecond }: Stretch & { load: readonly LoadRow[] },
  caller: string,
): number {
  const own = load.filter((row) => row.caller === caller);
  return firstDuring(own, { onsetSecond, lastSecond }) / Math.max(1, firstDuring(load, { onsetSecond, lastSecond }));
}

/** From just before the first refusal, whose own window began earlier. */
function firstDuring(rows: readonly LoadRow[], { onsetSecond, lastSecond }: Stretch): number {
  return rows.reduce((sum, row) => sum + between(row.first, row.fromSecond, onsetSecond - 10, lastSecond), 0);
}

/** First tries of these rows second by second; all rows of one reading begin at the same second. */
export function firstPerSecond(rows: readonly LoadRow[]): number[] {
  const [longest] = rows;
  if (longest === undefined) return [];
  return longest.first.map((_, second) => rows.reduce((sum, { first }) => sum + (first[second] ?? 0), 0));
}

/** Largest sum over so many consecutive seconds. */
export function slidingPeak(perSecond: readonly number[], windowSeconds: number): number {
  let sum = 0;
  let most = 0;
  for (const [second, count] of perSecond.entries()) {
    sum += count - (perSecond[second - windowSeconds] ?? 0);
    most = Math.max(most, sum);
  }
  return most;
}
