import { type Pacing, pacingOf } from '../diagnoses/retrying.ts';
import { activity } from '../evidence/activity.ts';
import { attempts, LOCAL_OPERATIONS } from '../evidence/attempts.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { clientLanguage } from '../evidence/client-language.ts';
import { type LoadRow, load } from '../evidence/load.ts';
import { observedCeiling } from '../evidence/observed-ceiling.ts';
import { type OperationRow, operations } from '../evidence/operations.ts';
import { retries } from '../evidence/retries.ts';
import { rowsOf } from '../evidence/rows.ts';
import { runs } from '../evidence/runs.ts';
import { timeline } from '../evidence/timeline.ts';
import { type Limit, type LimitProfile, limitFor } from '../limits.ts';
import type { Evidence, Fix } from '../model.ts';
import type { AdmissionLimit } from './what-if/admission.ts';
import type { Change } from './what-if/change.ts';
import { fitModel, fitWaits, type Observed, observeTries } from './what-if/fit.ts';
import { type CallerNature, type Fleet, type Habits, observedFleet, total } from './what-if/fleet.ts';
import { reproducible } from './what-if/random.ts';
import { peakOf, type Replay, replay } from './what-if/replay.ts';

export type Prediction = NonNullable<Fix['predicted']> & { requestsBefore: number; requestsAfter: number };

/** The load around the refusals, ready to be replayed. */
export type WhatIf = {
  /** Operation class that was most refused; predictions are for all classes that were refused, each by its own limit. */
  class: string;
  limit: Limit;
  /** How the replay counts: as the limit says, or as the log shows where that is clearly something else. */
  model: AdmissionLimit;
  rows: readonly LoadRow[];
  /** Most requests of that class in one window of its limit, as the log shows. */
  peak: number;
  /** Whether the unchanged load, replayed, is refused about as often as it was; without that no prediction is given. */
  faithful: boolean;
  predict(change: Change): Prediction;
  /** What else is known of a caller; null of one that is none of the class's busiest. */
  habitsOf(caller: string | null): Habits | null;
};

type Seen = Pick<Replay, 'requests' | 'throttled' | 'peak'>;

type Outcome = Seen & { limitFactor: number };

/** One operation class with the limit that it counts against. */
type Lane = {
  limit: Limit;
  rows: readonly LoadRow[];
  fleet: Fleet;
  seen: Seen;
  model: AdmissionLimit;
  /** What the model makes of the fleet as it was. */
  unchanged: Outcome;
};

/** The model is trusted when its own refusals lie within this factor of those that were seen. */
const FAITHFUL_FACTOR = 2.5;

/** What the model gets wrong for the peak of the unchanged load is set right so far, as far as refusals are left. */
const PEAK_FACTOR_MAX = 4;

const CHANCE_RUNS = 5;
/** Requests of all runs together: of large loads chance evens out by itself. */
const CHANCE_REQUESTS_MAX = 100_000;
const SEED = 20_260_202;

/** Null when the load was not read, nothing was refused, or no limit is known for what was refused most. */
export function createWhatIf(evidence: Evidence, limits: LimitProfile): WhatIf | null {
  const all = rowsOf(evidence, load) ?? [];
  const tries = rowsOf(evidence, attempts) ?? [];
  const natureOf = naturesFrom(evidence, limits);
  const lines = rowsOf(evidence, timeline) ?? [];
  const paceOf = pacesFrom(evidence);
  const lanes: Lane[] = [];
  for (const name of refusedClasses(all)) {
    const limit = limitFor(limits, evidence.resource, name);
    if (limit === null && lanes.length === 0) return null;
    if (limit === null) continue;
    const rows = all.filter((row) => row.class === name);
    const described = observedFleet(rows, tries, (caller) => natureOf(caller, name));
    const ceiling = observedCeiling(lines, name, limit.windowSeconds)?.median ?? null;
    const observed = observeTries(described, tries);
    const seen = sumUp(described, observed, 1000 * limit.windowSeconds);
    const model = fitModel(observed, limit, ceiling);
    const fleet = fitWaits(described, model, (caller) => ({
      language: natureOf(caller, name).language,
      pacing: paceOf(caller),
    }));
    const lane = { limit, rows, fleet, seen, model, unchanged: replayChanged(fleet, model, (same) => same) };
    if (lanes.length === 0 || isFaithful(lane)) lanes.push(lane);
  }
  const [main] = lanes;
  if (main === undefined) return null;
  return {
    class: main.limit.class,
    limit: main.limit,
    model: main.model,
    rows: main.rows,
    peak: main.seen.peak,
    faithful: isFaithful(main),
    predict: (change) => together(lanes.map((lane) => predict(lane, change))),
    habitsOf: (caller) => main.fleet.members.find((member) => member.caller === caller)?.habits ?? null,
  };
}

function isFaithful({ seen, unchanged }: Lane): boolean {
  return Math.abs(Math.log((unchanged.throttled + 1) / (seen.throttled + 1))) <= Math.log(FAITHFUL_FACTOR);
}

/** Most refused first. */
function refusedClasses(rows: readonly LoadRow[]): string[] {
  const refused = new Map<string, number>();
  for (const row of rows) refused.set(row.class, (refused.get(row.class) ?? 0) + total(row.refused));
  return [...refused]
    .filter(([, count]) => count > 0)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([name]) => name);
}

/** Who a caller is by other evidence than its load; of an unknown one nothing is said. */
function naturesFrom(
  evidence: Evidence,
  limits: LimitProfile,
): (caller: string | null, operationClass: string) => CallerNature {
  const clients = new Map((rowsOf(evidence, callers) ?? []).map(({ caller, client }) => [caller, client]));
  const rhythms = new Map((rowsOf(evidence, runs) ?? []).map((row) => [row.caller, row]));
  const worked = rowsOf(evidence, operations) ?? [];
  const before = askedBefore(evidence);
  const seen = [...(rowsOf(evidence, callers) ?? []), ...(rowsOf(evidence, callers, 'hour-before') ?? [])];
  return (caller, operationClass) => {
    const rhythm = rhythms.get(caller ?? '');
    const own = worked.filter((row) => row.caller === caller && row.class === operationClass);
    return {
      language: clientLanguage(clients.get(caller ?? '')),
      weight: weightOf(own, evidence, limits),
      habits: {
        everySeconds: rhythm === undefined ? null : rhythm.gapMsP50 / 1000,
        setSize: rhythm?.setSize ?? null,
        things: Math.max(...seen.filter((row) => row.caller === caller).map(thingsOf), 0),
        askedBefore: before(caller),
        localShare: shareOf(own, LOCAL_OPERATIONS),
      },
    };
  };
}

function thingsOf({ requests, perTargetAndAddress }: CallerRow): number {
  return requests / Math.max(1, perTargetAndAddress);
}

/** Requests in each ten seconds before the load begins, the latest first; none of a caller of whom that is not known. */
function askedBefore(evidence: Evidence): (caller: string | null) => readonly number[] {
  const rows = rowsOf(evidence, activity) ?? [];
  const fromSecond = rowsOf(evidence, load)?.[0]?.fromSecond ?? 0;
  return (caller) => {
    const row = rows.find((each) => caller !== null && each.caller === caller);
    if (row === undefined) return [];
    return row.perTenSeconds.slice(0, Math.max(0, Math.floor((fromSecond - row.fromSecond) / 10))).reverse();
  };
}

/** How a caller goes on after refusals, as far as that shows where its tries cannot be told apart. */
function pacesFrom(evidence: Evidence): (caller: string | null) => Pacing | null {
  const retried = rowsOf(evidence, retries) ?? [];
  const tries = rowsOf(evidence, attempts);
  return (caller) => {
    const row = retried.find((each) => each.caller === caller);
    return row === undefined ? null : pacingOf(row, tries);
  };
}

/** Of the heaviest key that most of its operations are known to use; 1 where the log does not tell. */
function weightOf(own: readonly OperationRow[], evidence: Evidence, limits: LimitProfile): number {
  const [typed] = own
    .filter(({ keyClass, keyClassRequests, requests }) => keyClass !== null && keyClassRequests > requests / 2)
    .sort((a, b) => b.requests - a.requests);
  return limitFor(limits, evidence.resource, typed?.keyClass ?? '')?.weight ?? 1;
}

function shareOf(own: readonly OperationRow[], names: readonly string[]): number {
  const requests = total(own.map((row) => row.requests));
  return requests === 0
    ? 0
    : total(own.filter(({ operation }) => names.includes(operation)).map((row) => row.requests)) / requests;
}

function sumUp({ members }: Fleet, observed: Observed, windowMs: number): Seen {
  // A caller may be two members, of the same row.
  const rows = [...new Set(members.map(({ source }) => source))];
  return {
    requests: total(rows.map(({ first, retry }) => total(first) + total(retry))),
    throttled: total(rows.map(({ refused }) => total(refused))),
    peak: peakOf(observed, windowMs),
  };
}

/**
 * When each instance starts and how long a client waits is left to chance, and comes out now like this and now like that: the
 * mean is told.
 */
function replayChanged(fleet: Fleet, model: AdmissionLimit, change: Change): Outcome {
  const outcomes: Seen[] = [];
  let limitFactor = 1;
  let played = 0;
  for (let run = 0; run < CHANCE_RUNS && played < CHANCE_REQUESTS_MAX; run++) {
    const random = reproducible(SEED + run);
    const changed = change(fleet, random);
    const outcome = replay(changed, model, random);
    outcomes.push(outcome);
    limitFactor = changed.limitFactor;
    played += outcome.requests;
  }
  const mean = (of: (outcome: Seen) => number): number => total(outcomes.map(of)) / outcomes.length;
  return {
    requests: mean(({ requests }) => requests),
    throttled: mean(({ throttled }) => throttled),
    peak: mean(({ peak }) => peak),
    limitFactor,
  };
}

/**
 * Refusals are scaled by what the model gets wrong for the unchanged load, so that a fix that changes nothing is seen to
 * change nothing. Utilisation is against the configured limit on both sides, so that the two can be compared, unless the fix is to raise it.
 */
function predict({ fleet, seen, model, unchanged, limit }: Lane, change: Change): Prediction {
  const after = replayChanged(fleet, model, change);
  const throttledAfter = unchanged.throttled === 0 ? 0 : (after.throttled * seen.throttled) / unchanged.throttled;
  const stillRefused = Math.min(1, throttledAfter / Math.max(1, seen.throttled));
  const peakFactor = clamp(seen.peak / Math.max(1, unchanged.peak), PEAK_FACTOR_MAX) ** stillRefused;
  return {
    throttledBefore: seen.throttled,
    throttledAfter: Math.round(throttledAfter),
    peakUtilisationBefore: seen.peak / limit.max,
    peakUtilisationAfter: (after.peak * peakFactor) / (limit.max * after.limitFactor),
    requestsBefore: seen.requests,
    requestsAfter: Math.round(after.requests - after.throttled + throttledAfter),
  };
}

function clamp(factor: number, most: number): number {
  return Math.min(most, Math.max(1 / most, factor));
}

/** Of all classes: requests add up, and the fullest limit is the one that matters. */
function together(predictions: readonly Prediction[]): Prediction {
  const sum = (of: (prediction: Prediction) => number): number =>
    predictions.reduce((all, prediction) => all + of(prediction), 0);
  const most = (of: (prediction: Prediction) => number): number => Math.max(...predictions.map(of));
  return {
    throttledBefore: sum(({ throttledBefore }) => throttledBefore),
    throttledAfter: sum(({ throttledAfter }) => throttledAfter),
    peakUtilisationBefore: most(({ peakUtilisationBefore }) => peakUtilisationBefore),
    peakUtilisationAfter: most(({ peakUtilisationAfter }) => peakUtilisationAfter),
    requestsBefore: sum(({ requestsBefore }) => requestsBefore),
    requestsAfter: sum(({ requestsAfter }) => requestsAfter),
  };
}
