import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import type { Evidence } from '../model.ts';

/** A service level objective of one resource, from the settings. */
export type Objective = {
  /** Share of requests that are to be served, between 0 and 1. */
  target: number;
};

/**
 * The long window of the page alert. Its short window only ends the alert sooner, which changes nothing in a maximum.
 * @see https://sre.google/workbook/alerting-on-slos/ "Multiwindow, Multi-Burn-Rate Alerts"
 */
const WINDOW_MINUTES = 60;

/** Requests that the service answered as it should, whether or not the caller liked it; a challenge is part of signing in. */
const GOOD: readonly TimelineRow['outcome'][] = ['served', 'forbidden', 'not-found'];
const BAD: readonly TimelineRow['outcome'][] = ['refused', 'failed'];

/**
 * How many times faster than the objective allows its error budget was used up, in the worst hour: 1 uses up exactly the
 * budget by the end of the objective's window. Where the evidence is shorter than an hour, over what it holds.
 *
 * A refused or failed request is an error. Null without an objective, or where the log could not be read or holds no request.
 */
export function errorBudgetBurn(evidence: Evidence, objective: Objective | null): number | null {
  const lines = rowsOf(evidence, timeline);
  if (objective === null || lines === null) return null;
  const bad = perMinute(lines, BAD);
  const all = perMinute(lines, [...GOOD, ...BAD]);
  let [badInHour, allInHour, worstShare] = [0, 0, 0];
  for (const [minute, count] of all.entries()) {
    const left = minute - WINDOW_MINUTES;
    badInHour += (bad[minute] ?? 0) - (bad[left] ?? 0);
    allInHour += count - (all[left] ?? 0);
    if (minute < all.length - 1 && minute < WINDOW_MINUTES - 1) continue;
    worstShare = Math.max(worstShare, badInHour / Math.max(1, allInHour));
  }
  if (!all.some((count) => count > 0)) return null;
  return Math.round((worstShare / (1 - objective.target)) * 100) / 100;
}

function perMinute(lines: readonly TimelineRow[], outcomes: readonly TimelineRow['outcome'][]): number[] {
  const length = Math.max(0, ...lines.map(({ perSecond }) => Math.ceil(perSecond.length / 60)));
  const minutes = new Array<number>(length).fill(0);
  for (const { outcome, perSecond } of lines)
    if (outcomes.includes(outcome))
      for (const [second, count] of perSecond.entries()) {
        const minute = Math.floor(second / 60);
        minutes[minute] = (minutes[minute] ?? 0) + count;
      }
  return minutes;
}
