import { callerOf } from '../diagnoses/caller.ts';
import { callers } from '../evidence/callers.ts';
import { observedCeiling } from '../evidence/observed-ceiling.ts';
import { LIMITED_CLASSES } from '../evidence/operation-classes.ts';
import { rowsOf } from '../evidence/rows.ts';
import { type TimelineRow, timeline } from '../evidence/timeline.ts';
import { type Limit, type LimitProfile, limitFor } from '../limits.ts';
import type { AnalysedCaller, ClassCeiling, Evidence, Peak } from '../model.ts';

/** What was asked of one operation class, against its limit. */
export type ClassFigures = { class: string; limit: Limit; requests: number; refused: number; peak: Peak };

export type Figures = {
  requests: number;
  throttled: number;
  /** Highest utilisation first. */
  classes: ClassFigures[];
  ceilings: ClassCeiling[];
  callers: AnalysedCaller[];
};

/** The plain numbers of a window; null where the timeline could not be read. */
export function figuresOf(evidence: Evidence, limits: LimitProfile): Figures | null {
  const rows = rowsOf(evidence, timeline);
  if (rows === null) return null;
  const requests = rows.reduce((sum, row) => sum + total(row), 0);
  const classes = LIMITED_CLASSES.flatMap((name) => classFigures(evidence, rows, limits, name)).sort(
    (a, b) => b.peak.utilisation - a.peak.utilisation || b.requests - a.requests || (a.class < b.class ? -1 : 1),
  );
  return {
    requests,
    throttled: rows.filter(isRefused).reduce((sum, row) => sum + total(row), 0),
    classes,
    ceilings: classes.map(({ class: name, limit }) => ({
      class: name,
      windowSeconds: limit.windowSeconds,
      published: limit.max,
      observed: observedCeiling(rows, name, limit.windowSeconds),
    })),
    callers: callersOf(evidence, requests),
  };
}

function isRefused({ outcome }: TimelineRow): boolean {
  return outcome === 'refused';
}

function total({ perSecond }: TimelineRow): number {
  return perSecond.reduce((sum, count) => sum + count, 0);
}

function classFigures(
  evidence: Evidence,
  rows: readonly TimelineRow[],
  limits: LimitProfile,
  name: string,
): ClassFigures[] {
  const own = rows.filter((row) => row.class === name);
  const requests = own.reduce((sum, row) => sum + total(row), 0);
  const limit = limitFor(limits, evidence.resource, name);
  if (requests === 0 || limit === null) return [];
  return [
    {
      class: name,
      limit,
      requests,
      refused: own.filter(isRefused).reduce((sum, row) => sum + total(row), 0),
      peak: peakOf(own, name, limit),
    },
  ];
}

/** Most requests in any window of the limit, the first of equals. */
function peakOf(rows: readonly TimelineRow[], name: string, { windowSeconds, max }: Limit): Peak {
  const sums: number[] = [];
  for (const { perSecond } of rows)
    for (const [second, count] of perSecond.entries()) sums[second] = (sums[second] ?? 0) + count;
  const most = { requests: 0, second: 0 };
  let sliding = 0;
  for (const [second, count] of sums.entries()) {
    sliding += count - (sums[second - windowSeconds] ?? 0);
    if (sliding > most.requests) Object.assign(most, { requests: sliding, second: second - windowSeconds + 1 });
  }
  const fromSecond = rows[0]?.fromSecond ?? 0;
  return {
    class: name,
    windowSeconds,
    requests: most.requests,
    utilisation: Math.round((most.requests / max) * 10_000) / 10_000,
    at: new Date((fromSecond + Math.max(0, most.second)) * 1000).toISOString(),
  };
}

function callersOf(evidence: Evidence, requests: number): AnalysedCaller[] {
  return (rowsOf(evidence, callers) ?? []).map((row) => ({
    ...callerOf(row),
    requests: row.requests,
    throttled: row.refused,
    share: Math.round((row.requests / Math.max(1, requests)) * 10_000) / 10_000,
  }));
}
