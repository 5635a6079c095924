import { type CallerRow, callers } from '../evidence/callers.ts';
import { coverage } from '../evidence/coverage.ts';
import { type LoadRow, load } from '../evidence/load.ts';
import { baselineOf, rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { limitFor } from '../limits.ts';
import type { Evidence, Time, Window } from '../model.ts';
import type { DiagnosisContext } from './diagnosis.ts';

type Evidenced = Pick<DiagnosisContext, 'evidence' | 'limits'>;

/** Fewer refusals are over before anyone notices; no cause is looked for. */
const REFUSED_MIN = 20;

/** The refusals of the incident, and what was asked around them. */
export type Storm = {
  /** Operation class most refused. */
  class: string;
  onsetSecond: number;
  lastSecond: number;
  /** From first to last refusal. */
  served: number;
  refused: number;
  callers: readonly CallerRow[];
  load: readonly LoadRow[];
  /** Requests that one window of the most refused class admits; null when no limit is known. */
  max: number | null;
  baseline: Baseline | null;
};

export type Baseline = {
  window: Window;
  /** From its first record to its last. */
  seconds: number;
  /** How many times as long the window of the incident is: it grows, and its baseline is read once. */
  times: number;
  byCaller: ReadonlyMap<string, CallerRow>;
  requests: number;
  refused: number;
};

/**
 * Null when fewer than `refusedMin` requests were refused, or when it could not be read.
 *
 * @param refusedMin at least 1; default: what is worth a cause
 */
export function stormOf({ evidence, limits }: Evidenced, refusedMin = REFUSED_MIN): Storm | null {
  const lines = rowsOf(evidence, timeline);
  const asked = rowsOf(evidence, callers);
  const around = rowsOf(evidence, load);
  if (lines === null || asked === null || around === null) return null;
  const refusals = lines.filter(({ outcome }) => outcome === 'refused');
  const refused = refusals.reduce((sum, { perSecond }) => sum + total(perSecond), 0);
  if (refused < Math.max(1, refusedMin)) return null;
  const [main] = refusals.sort((a, b) => total(b.perSecond) - total(a.perSecond) || (a.class < b.class ? -1 : 1));
  if (main === undefined) return null;
  const onset = Math.min(
    ...refusals.map(({ perSecond }) => perSecond.findIndex((count) => count > 0)).filter((at) => at >= 0),
  );
  const last = Math.max(...refusals.map(({ perSecond }) => perSecond.findLastIndex((count) => count > 0)));
  const served = lines.filter(({ outcome }) => outcome === 'served');
  return {
    class: main.class,
    onsetSecond: main.fromSecond + onset,
    lastSecond: main.fromSecond + last,
    served: served.reduce((sum, { perSecond }) => sum + total(perSecond.slice(onset, last + 1)), 0),
    refused,
    callers: asked,
    load: around,
    max: limitFor(limits, evidence.resource, main.class)?.max ?? null,
    baseline: baselineFor(evidence),
  };
}

function baselineFor(evidence: Evidence): Baseline | null {
  const window = baselineOf(evidence, callers.kind);
  if (window === null) return null;
  const rows = rowsOf(evidence, callers, window);
  const [held] = rowsOf(evidence, coverage, window) ?? [];
  const [now] = rowsOf(evidence, coverage) ?? [];
  if (rows === null || held === undefined || held.firstMs === null || held.lastMs === null) return null;
  return {
    window,
    seconds: Math.max(1, (held.lastMs - held.firstMs) / 1000),
    times: now === undefined ? 1 : Math.max(1, now.toMs - now.fromMs) / Math.max(1, held.toMs - held.fromMs),
    byCaller: new Map(rows.map((row) => [row.caller, row])),
    requests: held.requests,
    refused: rows.reduce((sum, row) => sum + row.refused, 0),
  };
}

export function total(counts: readonly number[]): number {
  return between(counts, 0, 0, counts.length - 1);
}

/** Sum of what lies between two seconds of a series that begins at `fromSecond`, both included. */
export function between(series: readonly number[], fromSecond: number, start: number, end: number): number {
  const last = Math.min(series.length - 1, end - fromSecond);
  let sum = 0;
  for (let index = Math.max(0, start - fromSecond); index <= last; index++) sum += series[index] ?? 0;
  return sum;
}

export function timeOf(second: number): Time {
  return new Date(second * 1000).toISOString();
}
