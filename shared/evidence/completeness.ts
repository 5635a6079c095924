import type { Evidence, Reading, Window } from '../model.ts';
import { type AnsweredRow, answered } from './answered.ts';
import { coverage } from './coverage.ts';
import { type ResultCounts, resultsIn } from './results.ts';
import { areRowsOf } from './rows.ts';

/** Days before whose logs are settled, the nearer one first. */
const SETTLED = ['day-before', 'week-before'] as const satisfies readonly Window[];

/** From here on no more is waited for: some records come hours late, and what is counted is rounded. */
export const SETTLED_COMPLETENESS = 0.95;

/** Requests of a status, or of all, below which what the log usually holds of them is a matter of chance. */
const USUAL_REQUESTS_MIN = 20;

const REFUSED = 429;
const MINUTE_MS = 60_000;

/** Metrics come late: the last minutes that are known may still grow. */
const OPEN_MINUTES = 5;

/** A log that usually holds less than this of what was counted was not kept then, or is kept of something else. */
const USUAL_SHARE_MIN = 0.05;

/**
 * How much of the load a store's log holds by now, 0..1: for each status, what the log holds ÷ what the metric counted in
 * closed minutes and those with refusals, ÷ the same ratio in a settled window of another day, at most 1; weighed by what the metric counted
 * (field-notes 2). The plain ratio may never come to 1: the log leaves out what the metric counts, and the other way round.
 *
 * Null where the metric could not be read, counted nothing, or knows of no closed minute. Of a status that another day does not
 * tell of, and where no other day is settled, the ratio of all requests, or else the plain one.
 */
export function completenessOf(evidence: Evidence, store: string): number | null {
  const counted = resultsIn(evidence);
  const held = heldIn(evidence, store, 'incident');
  if (counted === null || held === null) return null;
  const now = ratiosOf(counted, held);
  const usual = SETTLED.map((window) => usualIn(evidence, store, window)).find((found) => found !== null) ?? null;
  let expected = 0;
  let arrived = 0;
  for (const [status, { counted: requests, held: logged }] of now) {
    const share = usualShare(usual, status);
    // What is never logged is not waited for.
    if (share < USUAL_SHARE_MIN) continue;
    expected += requests;
    arrived += Math.min(requests, logged / share);
  }
  return expected === 0 ? null : arrived / expected;
}

/** The readings of this incident with the completeness of the log that they come from. */
export function withCompleteness(evidence: Evidence): Evidence {
  const stores = new Set(evidence.readings.flatMap(({ kind, store }) => (kind === answered.kind ? [store] : [])));
  const known = new Map([...stores].map((store) => [store, completenessOf(evidence, store)]));
  const readings = evidence.readings.map((reading): Reading => {
    const completeness = known.get(reading.store);
    if (completeness === undefined || reading.state !== 'read' || reading.window !== 'incident') return reading;
    return { ...reading, completeness };
  });
  return { ...evidence, readings };
}

/** The least complete of what was read; null where nothing tells. */
export function leastCompleteness({ readings }: Evidence): number | null {
  const known = readings.flatMap((reading) =>
    reading.state === 'read' && reading.completeness !== null ? [reading.completeness] : [],
  );
  return known.length === 0 ? null : Math.min(...known);
}

/** Up to when, in epoch ms, the metrics are done counting; null where they could not be read. */
export function closedUntilMs(evidence: Evidence): number | null {
  const counted = resultsIn(evidence);
  return counted === null ? null : (counted.fromMinute + closedMinutes(counted)) * MINUTE_MS;
}

function closedMinutes({ minutes }: ResultCounts): number {
  return Math.max(0, minutes - OPEN_MINUTES);
}

type Ratio = { counted: number; held: number };

function usualShare(usual: ReadonlyMap<number, Ratio> | null, status: number): number {
  if (usual === null) return 1;
  const own = usual.get(status);
  if (own !== undefined && own.counted >= USUAL_REQUESTS_MIN) return own.held / own.counted;
  const all = sum(usual);
  return all.held / all.counted;
}

/** What the log held of another day; null where that says nothing. */
function usualIn(evidence: Evidence, store: string, window: Window): ReadonlyMap<number, Ratio> | null {
  const counted = resultsIn(evidence, window);
  const held = heldIn(evidence, store, window);
  if (counted === null || held === null) return null;
  const ratios = ratiosOf(counted, held);
  const all = sum(ratios);
  return all.counted >= USUAL_REQUESTS_MIN && all.held / all.counted >= USUAL_SHARE_MIN ? ratios : null;
}

function sum(ratios: ReadonlyMap<number, Ratio>): Ratio {
  const all = { counted: 0, held: 0 };
  for (const { counted, held } of ratios.values()) {
    all.counted += counted;
    all.held += held;
  }
  return all;
}

/**
 * By status, over the minutes that the metric is done with, and those in which it knows of refusals: they are what the answer
 * is about, and even what is counted of them so far is more than a late log holds.
 */
function ratiosOf(metric: ResultCounts, { rows, fromMinute: readFrom, toMinute: readTo }: Held): Map<number, Ratio> {
  const { fromMinute, byStatus } = metric;
  const closed = closedMinutes(metric);
  const refused = byStatus.get(REFUSED) ?? [];
  const isRead = (minute: number): boolean => fromMinute + minute >= readFrom && fromMinute + minute < readTo;
  const isMeasured = (minute: number): boolean =>
    isRead(minute) && ((minute >= 0 && minute < closed) || (refused[minute] ?? 0) > 0);
  const ratios = new Map<number, Ratio>();
  for (const [status, perMinute] of byStatus) {
    const counted = perMinute.reduce((all, count, minute) => (isMeasured(minute) ? all + count : all), 0);
    if (counted > 0) ratios.set(status, { counted, held: 0 });
  }
  for (const { status, minute, requests } of rows) {
    const ratio = ratios.get(status);
    if (ratio !== undefined && isMeasured(minute - fromMinute)) ratio.held += requests;
  }
  return ratios;
}

/** What the log holds, and the time that it was asked about: that of another day may have been read before this one had so much. */
type Held = { rows: readonly AnsweredRow[]; fromMinute: number; toMinute: number };

function heldIn({ readings }: Evidence, store: string, window: Window): Held | null {
  const own = readings.filter((one) => one.store === store && one.window === window);
  const rows = own.flatMap((one) => (one.kind === answered.kind && one.state === 'read' ? [one.rows] : []))[0];
  if (rows === undefined || !areRowsOf(rows, answered)) return null;
  const held = own.flatMap((one) => (one.kind === coverage.kind && one.state === 'read' ? [one.rows] : []))[0];
  const [bounds] = held !== undefined && areRowsOf(held, coverage) ? held : [];
  const { fromMs, toMs } = bounds ?? { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
  return { rows, fromMinute: Math.ceil(fromMs / MINUTE_MS), toMinute: Math.floor(toMs / MINUTE_MS) };
}
