import { HeadroomError } from '../errors.ts';
import { callers } from '../evidence/callers.ts';
import { clientLanguage } from '../evidence/client-language.ts';
import { type LoadRow, load } from '../evidence/load.ts';
import { type Ceiling, observedCeiling } from '../evidence/observed-ceiling.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { type Limit, type LimitProfile, limitFor } from '../limits.ts';
import type { Evidence, Fix } from '../model.ts';
import type { AdmissionLimit } from './what-if/admission.ts';
import type { Change } from './what-if/change.ts';
import { type Fleet, observedFleet, total } from './what-if/fleet.ts';
import { type Replay, replay, slidingPeak } from './what-if/replay.ts';

export type Prediction = NonNullable<Fix['predicted']> & { requestsBefore: number; requestsAfter: number };

/** The load around the refusals, ready to be replayed. */
export type WhatIf = {
  /** Operation class that is replayed: the one most refused. */
  class: string;
  limit: Limit;
  /** How the replay counts: as the limit says, or as the log shows where that is clearly something else. */
  model: AdmissionLimit;
  rows: readonly LoadRow[];
  /** Whether the unchanged load, replayed, is refused about as often as it was; without that no prediction is given. */
  faithful: boolean;
  predict(change: Change): Prediction;
};

/** The model is trusted when its own refusals lie within this factor of those that were seen. */
const FAITHFUL_FACTOR = 2.5;
/** Within this factor there is nothing to mend; another way of counting must be off by less than this part. */
const NEAR_FACTOR = 1.2;
const CLEARLY_NEARER = 0.6;
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
  const clients = new Map(
    (rowsOf(evidence, callers) ?? []).map(({ caller, client }) => [caller, clientLanguage(client)]),
  );
  const fleet = observedFleet(rows, (caller) => (caller === null ? null : (clients.get(caller) ?? null)));
  const seen = observe(rows, limit.windowSeconds);
  const chosen = chooseModel(fleet, limit, ceiling, seen.throttled);
  return {
    class: refusedClass,
    limit,
    model: chosen.model,
    rows,
    faithful: chosen.error <= Math.log(FAITHFUL_FACTOR),
    predict: (change) => predict(seen, chosen.unchanged, replay(change(fleet), chosen.model), limit.max),
  };
}

type Chosen = { model: AdmissionLimit; unchanged: Replay; error: number };

/**
 * How the service counts, as far as the log shows it: the way in which the unchanged load, replayed, is refused as often as
 * it was. What the profile says, over sliding windows, holds unless another way is clearly nearer.
 */
function chooseModel(fleet: Fleet, limit: Limit, ceiling: Ceiling | null, throttled: number): Chosen {
  const maxima = [limit.max];
  if (ceiling !== null && Math.abs(ceiling.median - limit.max) > DISAGREES_SHARE * limit.max)
    maxima.push(ceiling.median);
  const models = maxima.flatMap((max) =>
    [limit.countsRefused, !limit.countsRefused].flatMap((countsRefused) =>
      (['sliding', 'fixed'] as const).map(
        (shape): AdmissionLimit => ({
          max: Math.max(1, max),
          windowMs: limit.windowSeconds * 1000,
          countsRefused,
          shape,
        }),
      ),
    ),
  );
  const tryOut = (model: AdmissionLimit): Chosen => {
    const unchanged = replay(fleet, model);
    return { model, unchanged, error: Math.abs(Math.log((unchanged.throttled + 1) / (throttled + 1))) };
  };
  const [usual, ...others] = models;
  if (usual === undefined) throw new HeadroomError('bug', 'no model of the limit to choose from');
  const expected = tryOut(usual);
  if (expected.error <= Math.log(NEAR_FACTOR)) return expected;
  const [nearest] = others.map(tryOut).sort((a, b) => a.error - b.error);
  return nearest !== undefined && nearest.error < CLEARLY_NEARER * expected.error ? nearest : expected;
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

/**
 * Refusals are scaled by what the model gets wrong for the unchanged load, so that a fix that changes nothing is seen to
 * change nothing. Utilisation is against the configured limit on both sides, so that the two can be compared.
 */
function predict(before: Replay, unchanged: Replay, after: Replay, max: number): Prediction {
  const throttledAfter = unchanged.throttled === 0 ? 0 : (after.throttled * before.throttled) / unchanged.throttled;
  return {
    throttledBefore: before.throttled,
    throttledAfter: Math.round(throttledAfter),
    peakUtilisationBefore: before.peak / max,
    peakUtilisationAfter: after.peak / max,
    requestsBefore: before.requests,
    requestsAfter: Math.round(after.requests - after.throttled + throttledAfter),
  };
}
