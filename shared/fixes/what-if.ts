import { callers } from '../evidence/callers.ts';
import { clientLanguage } from '../evidence/client-language.ts';
import { type LoadRow, load } from '../evidence/load.ts';
import { observedCeiling } from '../evidence/observed-ceiling.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { type Limit, type LimitProfile, limitFor } from '../limits.ts';
import type { Evidence, Fix } from '../model.ts';
import type { Change } from './what-if/change.ts';
import { observedFleet, total } from './what-if/fleet.ts';
import { type Replay, replay, slidingPeak } from './what-if/replay.ts';

export type Prediction = NonNullable<Fix['predicted']> & { requestsBefore: number; requestsAfter: number };

/** The load around the refusals, ready to be replayed. */
export type WhatIf = {
  /** Operation class that is replayed: the one most refused. */
  class: string;
  limit: Limit;
  /** What one window holds in the replay: the limit, or what was seen to be served where that is clearly less or more. */
  max: number;
  rows: readonly LoadRow[];
  /** Whether the unchanged load, replayed, is refused about as often as it was; without that no prediction is given. */
  faithful: boolean;
  predict(change: Change): Prediction;
};

/** The model is trusted when its own refusals lie within this factor of those that were seen. */
const FAITHFUL_FACTOR = 3;
/** The observed ceiling replaces the configured limit when they are further apart than this share. */
const DISAGREES_SHARE = 0.15;

/** Null when the load was not read, nothing was refused, or no limit is known for what was refused. */
export function createWhatIf(evidence: Evidence, limits: LimitProfile): WhatIf | null {
  const all = rowsOf(evidence, load);
  const refusedClass = mostRefusedClass(all ?? []);
  if (all === null || refusedClass === null) return null;
  const limit = limitFor(limits, evidence.resource, refusedClass);
  if (limit === null) return null;
  const rows = all.filter((row) => row.class === refusedClass);
  const ceiling = observedCeiling(rowsOf(evidence, timeline) ?? [], refusedClass, limit.windowSeconds);
  const max =
    ceiling !== null && Math.abs(ceiling.median - limit.max) > DISAGREES_SHARE * limit.max ? ceiling.median : limit.max;
  const model = { max: Math.max(1, max), windowSeconds: limit.windowSeconds, countsRefused: limit.countsRefused };

  const clients = new Map((rowsOf(evidence, callers) ?? []).map(({ caller, client }) => [caller, clientLanguage(client)]));
  const fleet = observedFleet(rows, (caller) => (caller === null ? null : (clients.get(caller) ?? null)));
  const known = new Map<Change, Prediction>();
  const seen = observe(rows, limit.windowSeconds);
  const unchanged = replay(fleet, model);
  return {
    class: refusedClass,
    limit,
    max: model.max,
    rows,
    faithful:
      unchanged.throttled * FAITHFUL_FACTOR >= seen.throttled && unchanged.throttled <= FAITHFUL_FACTOR * seen.throttled,
    predict(change) {
      const found = known.get(change) ?? predict(seen, replay(change(fleet), model), limit.max);
      known.set(change, found);
      return found;
    },
  };
}

function mostRefusedClass(rows: readonly LoadRow[]): string | null {
  const refused = new Map<string, number>();
  for (const row of rows) refused.set(row.class, (refused.get(row.class) ?? 0) + total(row.refused));
  const [most] = [...refused].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most !== undefined && most[1] > 0 ? most[0] : null;
}

function observe(rows: readonly LoadRow[], windowSeconds: number): Replay {
  const perSecond: number[] = [];
  for (const { first, retry } of rows)
    for (const [second, count] of first.entries())
      perSecond[second] = (perSecond[second] ?? 0) + count + (retry[second] ?? 0);
  return {
    requests: total(perSecond),
    throttled: rows.reduce((sum, row) => sum + total(row.refused), 0),
    peak: slidingPeak(perSecond, windowSeconds),
  };
}

/** Utilisation is against the configured limit, on both sides, so that the two can be compared. */
function predict(before: Replay, after: Replay, max: number): Prediction {
  return {
    throttledBefore: before.throttled,
    throttledAfter: Math.round(after.throttled),
    peakUtilisationBefore: before.peak / max,
    peakUtilisationAfter: after.peak / max,
    requestsBefore: before.requests,
    requestsAfter: Math.round(after.requests),
  };
}
