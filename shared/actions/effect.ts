import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import type { Evidence, PlanEffect, Time } from '../model.ts';

/** How far before the action the load is looked at: what it is compared with. */
const BEFORE_SECONDS = 300;
/** So long without a refusal, seen in the evidence, and they have stopped: 12 windows of the vault's limit. */
const QUIET_SECONDS = 120;
/** The last look: late logs are complete by then, and applications have looked at their levers forty times. */
const GIVE_UP_SECONDS = 20 * 60;
/** What is left after a change that helped; less than half of the refusals gone may be chance. */
const FELL_SHARE = 0.5;
/** Seconds after the action that have to be seen for anything to be said about it. */
const SEEN_SECONDS = 60;
/** The share of what happened that the log has to hold by now (field-notes 2). */
const COMPLETE_SHARE = 0.8;

/** Minutes after the action at which the evidence is read again. */
const LOOKS_MINUTES = [1, 2, 3, 4, 6, 9, 13, 20] as const;

/** When the effect is looked at next; null after the last time. */
export function nextLook(doneAt: Time, now: Time): Time | null {
  const looks = LOOKS_MINUTES.map((minutes) => new Date(Date.parse(doneAt) + minutes * 60_000).toISOString());
  return looks.find((time) => time > now) ?? null;
}

/** What is to be read to tell: from five minutes before the action. */
export function effectWindow(doneAt: Time, now: Time): { from: Time; to: Time } {
  return { from: new Date(Date.parse(doneAt) - BEFORE_SECONDS * 1_000).toISOString(), to: now };
}

type Seconds = { from: number; refused: number[]; all: number[] };

/**
 * Whether requests are still refused after what was done, by the log or metric alone.
 *
 * @returns `settled`: nothing that is read later will change it
 */
export function effectOf(evidence: Evidence, doneAt: Time, now: Time): { effect: PlanEffect; settled: boolean } {
  const doneSecond = Math.ceil(Date.parse(doneAt) / 1_000);
  const isLast = Date.parse(now) - Date.parse(doneAt) >= GIVE_UP_SECONDS * 1_000;
  const seen = fullest(evidence);
  if (!seen) return { effect: unreadable(evidence, doneAt), settled: isLast };
  const until = lastSecond(seen.all, seen.from);
  const refusedBefore = perMinute(seen, doneSecond - BEFORE_SECONDS, doneSecond);
  const refusedAfter = perMinute(seen, Math.max(doneSecond, until - BEFORE_SECONDS), until);
  const base = { seenUntil: timeOf(Math.max(until, doneSecond)), refusedBefore, refusedAfter };
  if (refusedBefore === 0)
    return {
      effect: { ...base, verdict: 'unreadable', nextStep: 'No request was refused in the 5 min before it' },
      settled: isLast,
    };
  const lastRefused = lastSecond(seen.refused, seen.from, doneSecond);
  const quietSeconds = until - Math.max(lastRefused, doneSecond);
  if (quietSeconds >= QUIET_SECONDS && isComplete(evidence)) {
    const stoppedAfterSeconds = Math.max(0, lastRefused - doneSecond);
    return { effect: { ...base, verdict: 'stopped', refusedAfter: 0, stoppedAfterSeconds }, settled: true };
  }
  if (until - doneSecond < SEEN_SECONDS)
    return {
      effect: { ...base, verdict: 'unreadable', nextStep: 'The log does not reach beyond it yet' },
      settled: isLast,
    };
  const verdict = refusedAfter <= FELL_SHARE * refusedBefore ? 'fell' : 'none';
  return { effect: { ...base, verdict }, settled: isLast };
}

/** Of several stores that were read, the one that saw most. */
function fullest(evidence: Evidence): Seconds | null {
  const stores = [...new Set(evidence.readings.map(({ store }) => store))];
  const read = stores
    .map((store) => ({ ...evidence, readings: evidence.readings.filter((reading) => reading.store === store) }))
    .flatMap((one) => secondsOf(rowsOf(one, timeline) ?? []))
    .toSorted((a, b) => sum(b.all) - sum(a.all));
  return read[0] ?? null;
}

function secondsOf(rows: readonly TimelineRow[]): Seconds[] {
  const [first] = rows;
  if (!first) return [];
  const from = Math.min(...rows.map(({ fromSecond }) => fromSecond));
  const all: number[] = [];
  const refused: number[] = [];
  for (const { fromSecond, perSecond, outcome } of rows)
    for (const [index, count] of perSecond.entries()) {
      const at = fromSecond - from + index;
      all[at] = (all[at] ?? 0) + count;
      if (outcome === 'refused') refused[at] = (refused[at] ?? 0) + count;
    }
  return [{ from, refused, all }];
}

/** The end of the last second that had any, not before `least`. */
function lastSecond(counts: readonly number[], from: number, least = from): number {
  const last = counts.findLastIndex((count, index) => (count ?? 0) > 0 && from + index >= least);
  return last === -1 ? least : from + last + 1;
}

function perMinute({ refused, from }: Seconds, fromSecond: number, toSecond: number): number {
  if (toSecond <= fromSecond) return 0;
  const counted = sum(refused.slice(Math.max(0, fromSecond - from), Math.max(0, toSecond - from)));
  return Math.round((counted * 60) / (toSecond - fromSecond));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + (count ?? 0), 0);
}

/** Whether what is missing yet could hold refusals. */
function isComplete({ readings }: Evidence): boolean {
  return readings.every(
    (reading) => reading.state !== 'read' || reading.completeness === null || reading.completeness >= COMPLETE_SHARE,
  );
}

function unreadable({ readings }: Evidence, doneAt: Time): PlanEffect {
  const failed = readings.find((reading) => reading.state === 'unavailable');
  const nextStep = failed?.state === 'unavailable' ? failed.nextStep : 'Nothing was logged since';
  return { verdict: 'unreadable', seenUntil: doneAt, refusedBefore: 0, refusedAfter: 0, nextStep };
}

function timeOf(second: number): Time {
  return new Date(second * 1_000).toISOString();
}
