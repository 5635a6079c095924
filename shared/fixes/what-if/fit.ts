import type { Pacing } from '../../diagnoses/retrying.ts';
import type { AttemptRow } from '../../evidence/attempts.ts';
import type { ClientLanguage } from '../../evidence/client-language.ts';
import type { LoadRow } from '../../evidence/load.ts';
import type { Limit } from '../../limits.ts';
import { type AdmissionLimit, createAdmission } from './admission.ts';
import { type Fleet, type Member, total, withWaits } from './fleet.ts';
import { reproducible } from './random.ts';
import { replay, slidingPeak } from './replay.ts';
import { possibleWaits } from './waits.ts';

/** What one class of operations was asked and answered, in order of time. */
export type Observed = {
  fromSecond: number;
  /** Of each try, milliseconds after `fromSecond`. */
  atMs: Float64Array;
  weight: Float64Array;
  refusedPerSecond: Float64Array;
  servedPerSecond: Float64Array;
};

/** Another way of counting must be off by less than this part of what the configured limit is off by. */
const CLEARLY_NEARER = 0.6;
/** A limit that is seen within this share of the configured one is the configured one. */
const SAME_SHARE = 0.03;

/** Tries as they came where they are at hand; else spread evenly over their second. */
export function observeTries({ fromSecond, seconds, members }: Fleet, tries: readonly AttemptRow[]): Observed {
  const sources = new Map(members.map((member) => [member.source, member]));
  const atMsByWeight = new Map<number, number[][]>();
  const refusedPerSecond = new Float64Array(seconds);
  const servedPerSecond = new Float64Array(seconds);
  for (const member of sources.values()) {
    const { source, weight } = member;
    addTo(refusedPerSecond, source.refused, 1);
    addTo(servedPerSecond, source.served, weight);
    const own = tries.find(({ caller, class: name }) => caller === source.caller && name === source.class);
    const alike = atMsByWeight.get(weight) ?? [];
    alike.push(own?.atMs ?? spread(member));
    atMsByWeight.set(weight, alike);
  }
  return { fromSecond, refusedPerSecond, servedPerSecond, ...inOrder(atMsByWeight) };
}

/** All tries in order of time; those of one weight are sorted as bare numbers, which is many times as fast as in pairs. */
function inOrder(atMsByWeight: ReadonlyMap<number, readonly (readonly number[])[]>): Pick<Observed, 'atMs' | 'weight'> {
  const lanes = [...atMsByWeight].map(([weight, lists]) => ({ weight, next: 0, atMs: sorted(lists) }));
  const [only] = lanes;
  if (only !== undefined && lanes.length === 1)
    return { atMs: only.atMs, weight: new Float64Array(only.atMs.length).fill(only.weight) };
  const count = lanes.reduce((sum, { atMs }) => sum + atMs.length, 0);
  const merged = { atMs: new Float64Array(count), weight: new Float64Array(count) };
  for (let index = 0; index < count; index++) {
    let earliest = Number.POSITIVE_INFINITY;
    let from = only;
    for (const lane of lanes) {
      const atMs = lane.atMs[lane.next] ?? Number.POSITIVE_INFINITY;
      if (atMs >= earliest) continue;
      earliest = atMs;
      from = lane;
    }
    if (from === undefined) break;
    from.next++;
    merged.atMs[index] = earliest;
    merged.weight[index] = from.weight;
  }
  return merged;
}

function sorted(lists: readonly (readonly number[])[]): Float64Array {
  const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function spread({ source }: Member): number[] {
  const atMs: number[] = [];
  for (let second = 0; second < source.first.length; second++) {
    const count = (source.first[second] ?? 0) + (source.retry[second] ?? 0);
    for (let index = 0; index < count; index++) atMs.push((second + (index + 0.5) / count) * 1000);
  }
  return atMs;
}

function addTo(sums: Float64Array, counts: ArrayLike<number>, weight: number): void {
  for (let second = 0; second < counts.length; second++)
    sums[second] = (sums[second] ?? 0) + weight * (counts[second] ?? 0);
}

/**
 * How the service counts, as far as the log shows it: the way in which what was asked would have been refused when it was.
 * What the profile says, over sliding windows, holds unless another way is clearly nearer.
 *
 * @param ceiling what was seen to be served while refusals lasted; null where that is not known
 */
export function fitModel(observed: Observed, limit: Limit, ceiling: number | null): AdmissionLimit {
  const windowMs = limit.windowSeconds * 1000;
  const models = (['sliding', 'fixed'] as const).flatMap((shape) => {
    const maxima = maximaOf(observed, limit, ceiling, shape);
    return maxima.flatMap((max) =>
      [limit.countsRefused, !limit.countsRefused].map((countsRefused) => ({ max, windowMs, countsRefused, shape })),
    );
  });
  const usual: AdmissionLimit = { max: limit.max, windowMs, countsRefused: limit.countsRefused, shape: 'sliding' };
  const expected = errorOf(usual, observed);
  let nearest = { model: usual, error: expected };
  for (const model of models) {
    const error = errorOf(model, observed);
    if (error < nearest.error) nearest = { model, error };
  }
  return nearest.error < CLEARLY_NEARER * expected ? nearest.model : usual;
}

/** What a window may admit: what is configured, and what the log shows where that is something else. */
function maximaOf(observed: Observed, limit: Limit, ceiling: number | null, shape: AdmissionLimit['shape']): number[] {
  const shown = [beforeFirstRefusal(observed, limit.windowSeconds, shape)];
  if (ceiling !== null) shown.push(ceiling);
  shown.push(slidingPeak(observed.servedPerSecond, limit.windowSeconds));
  const other = shown.filter((max) => max >= 1 && Math.abs(max - limit.max) > SAME_SHARE * limit.max);
  return [limit.max, ...new Set(other)];
}

/** What had been asked in the window when it was refused for the first time: that is the limit, however refusals count. */
function beforeFirstRefusal(
  { fromSecond, atMs, weight, refusedPerSecond }: Observed,
  windowSeconds: number,
  shape: AdmissionLimit['shape'],
): number {
  const second = refusedPerSecond.findIndex((count) => count > 0);
  // The first refusals come somewhere in their second: as many as were refused were the last ones of it.
  const toMs = (second + 1) * 1000;
  const startMs =
    shape === 'sliding'
      ? toMs - windowSeconds * 1000
      : (Math.floor((fromSecond + second) / windowSeconds) * windowSeconds - fromSecond) * 1000;
  let asked = 0;
  for (let index = 0; index < atMs.length; index++) {
    const at = atMs[index] ?? 0;
    if (at >= startMs && at < toMs) asked += weight[index] ?? 1;
  }
  return Math.round(asked - (refusedPerSecond[second] ?? 0));
}

/** Share of the refusals that the model puts elsewhere, or leaves out: 0 where it says when each was. */
function errorOf(model: AdmissionLimit, { fromSecond, atMs, weight, refusedPerSecond }: Observed): number {
  const admits = createAdmission(model);
  const refused = new Float64Array(refusedPerSecond.length);
  for (let index = 0; index < atMs.length; index++) {
    const at = atMs[index] ?? 0;
    if (admits(fromSecond * 1000 + at, weight[index] ?? 1)) continue;
    const second = Math.floor(at / 1000);
    refused[second] = (refused[second] ?? 0) + 1;
  }
  return distance(refused, refusedPerSecond);
}

/** A caller whose retries are fewer than this share of its tries waits in no way that matters. */
const RETRIED_SHARE = 0.2;
/** Replayed refusals of which so few come at another time, or not at all, are those that were seen. */
const WELL_ENOUGH = 0.35;
/** Of as many callers the way in which they wait is sought, most refused first. */
const SOUGHT_MAX = 3;
const SEED = 20_260_202;

/**
 * How callers wait whose tries cannot be told apart: of the ways that clients do, the one with which the fleet, replayed, is
 * refused when it was.
 */
export function fitWaits(
  fleet: Fleet,
  model: AdmissionLimit,
  clientOf: (caller: string | null) => { language: ClientLanguage | null; pacing: Pacing | null },
): Fleet {
  const isSought = (row: LoadRow): boolean => {
    const { caller, first, retry, refused } = row;
    if (fleet.members.some(({ source, demand }) => source === row && demand.kind === 'reads')) return false;
    const retries = total(retry);
    return (
      retries > RETRIED_SHARE * (retries + total(first)) || (total(refused) > 0 && isSeen(clientOf(caller).pacing))
    );
  };
  const sought = [...new Set(fleet.members.map(({ source }) => source))]
    .filter(isSought)
    .sort((a, b) => total(b.refused) - total(a.refused))
    .slice(0, SOUGHT_MAX);
  const errorWith = (candidate: Fleet, row: LoadRow): number => {
    const { refusedOfMember } = replay(candidate, model, reproducible(SEED));
    const own = new Float64Array(row.refused.length);
    for (const [index, { source }] of candidate.members.entries())
      if (source === row) addTo(own, refusedOfMember[index] ?? [], 1);
    return distance(own, row.refused);
  };
  return sought.reduce((known, row) => {
    const { language, pacing } = clientOf(row.caller);
    let nearest = { fleet: known, error: isSeen(pacing) ? Number.POSITIVE_INFINITY : errorWith(known, row) };
    // As its library waits by default, where that explains what was seen: much else would too.
    if (nearest.error < WELL_ENOUGH) return known;
    const inSessions = known.members.some(({ source, demand }) => source === row && demand.kind === 'sessions');
    for (const waits of possibleWaits(language, pacing))
      for (const parallel of inSessions ? [false, true] : [false]) {
        const fleetWith = withWaits(known, row, waits, parallel);
        const error = errorWith(fleetWith, row);
        // Much explains what was seen: the likelier way does.
        if (isSeen(pacing) && error < WELL_ENOUGH) return fleetWith;
        if (error < nearest.error) nearest = { fleet: fleetWith, error };
      }
    return nearest.fleet;
  }, fleet);
}

/** What backs off, or does not show, waits as its library does, or in some way that explains what was seen. */
function isSeen(pacing: Pacing | null): boolean {
  return pacing !== null && pacing.way !== 'backs-off';
}

/** Share of the refusals seen that come at another time, or not at all. */
function distance(refused: Float64Array, seen: ArrayLike<number>): number {
  let apart = 0;
  let all = 0;
  for (let second = 0; second < seen.length; second++) {
    apart += Math.abs((seen[second] ?? 0) - (refused[second] ?? 0));
    all += seen[second] ?? 0;
  }
  return apart / Math.max(1, all);
}
