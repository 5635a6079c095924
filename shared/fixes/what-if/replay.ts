import type { Random } from '../../ports.ts';
import { type Admission, type AdmissionLimit, createAdmission } from './admission.ts';
import { createCalendar } from './calendar.ts';
import type { Fleet, Member } from './fleet.ts';
import { planReads, readCount } from './plan.ts';
import { drawWait } from './waits.ts';

export type Replay = {
  requests: number;
  throttled: number;
  /** Most that was asked for in one window of the limit, by weight. */
  peak: number;
  refusedPerSecond: Float64Array;
  /** The same of each member, in the order of the fleet. */
  refusedOfMember: readonly Float64Array[];
};

type Vault = { admits: Admission; perStep: Float64Array };

/** Larger loads are replayed in part, with the limit scaled alike. */
const READS_MAX = 60_000;
/** A storm that feeds itself never ends: it is cut off at this many tries a read. */
const TRIES_PER_READ_MAX = 25;
/** What is asked is counted in parts of a second this long: windows of whole seconds miss up to a tenth of a burst. */
const PEAK_STEP_MS = 100;

/**
 * Plays a fleet against a model of the limit, request by request, to the end of the stretch that it was seen in.
 *
 * @param random of waits, and of what is not known to the millisecond
 */
export function replay(fleet: Fleet, limit: AdmissionLimit, random: Random): Replay {
  const part = Math.min(1, READS_MAX / Math.max(1, readCount(fleet)));
  const plan = planReads(fleet, part, random);
  const reads = plan.atMs.length;
  const requestsMax = TRIES_PER_READ_MAX * (reads + 1_000);
  const refusals = new Uint16Array(reads);
  /** Has had its turn in the queue before its member. */
  const turned = new Uint8Array(reads);
  const turns = fleet.members.map(({ queuePerSecond }) => createTurns(queuePerSecond, part));
  const vaults = new Map<number, Vault>();
  const calendar = createCalendar(fleet.seconds * 1000, reads);
  for (let read = 0; read < reads; read++) if (begins(read)) calendar.put(plan.atMs[read] ?? 0, read);

  const refusedPerSecond = new Float64Array(fleet.seconds + 1);
  const refusedOfMember = fleet.members.map(() => new Float64Array(fleet.seconds + 1));
  let requests = 0;
  let throttled = 0;
  calendar.playThrough((timeMs, read) => {
    const member = memberOf(read);
    if (member === undefined) return true;
    if (turned[read] === 0 && refusals[read] === 0) bringAlong(read, timeMs);
    const turnMs = turned[read] === 0 ? turns[plan.member[read] ?? 0]?.(timeMs) : timeMs;
    turned[read] = 1;
    if (turnMs !== undefined && turnMs > timeMs) {
      calendar.put(turnMs, read);
      return true;
    }
    const vault = vaultOf(member.vault);
    const second = Math.floor(timeMs / 1000);
    const step = Math.floor(timeMs / PEAK_STEP_MS);
    vault.perStep[step] = (vault.perStep[step] ?? 0) + member.weight;
    requests++;
    if (vault.admits(fleet.fromSecond * 1000 + timeMs, member.weight)) goOn(read, timeMs);
    else {
      throttled++;
      refusedPerSecond[second] = (refusedPerSecond[second] ?? 0) + 1 / part;
      const own = refusedOfMember[plan.member[read] ?? 0];
      if (own !== undefined) own[second] = (own[second] ?? 0) + 1 / part;
      tryAgain(read, timeMs, member);
    }
    return requests < requestsMax;
  });
  const peaks = [...vaults.values()].map(({ perStep }) => slidingPeak(perStep, limit.windowMs / PEAK_STEP_MS));
  return {
    requests: requests / part,
    throttled: throttled / part,
    peak: Math.max(0, ...peaks) / part,
    refusedPerSecond,
    refusedOfMember,
  };

  function begins(read: number): boolean {
    return (plan.afterMs[read] ?? -1) < 0;
  }

  function memberOf(read: number): Member | undefined {
    return fleet.members[plan.member[read] ?? 0];
  }

  function bringAlong(read: number, timeMs: number): void {
    if (plan.alongside[read] === true) return;
    let atMs = timeMs;
    for (let next = read + 1; plan.alongside[next] === true; next++) {
      atMs += plan.afterMs[next] ?? 0;
      calendar.put(atMs, next);
    }
  }

  function goOn(read: number, timeMs: number): void {
    const next = read + 1;
    if (next < reads && !begins(next) && plan.alongside[next] !== true)
      calendar.put(timeMs + (plan.afterMs[next] ?? 0), next);
  }

  function tryAgain(read: number, timeMs: number, { waits, goesOnShare }: Member): void {
    refusals[read] = (refusals[read] ?? 0) + 1;
    turned[read] = 0;
    const waitMs = drawWait(waits, refusals[read] ?? 1, random);
    if (waitMs !== null) calendar.put(timeMs + waitMs, read);
    else if (random() < goesOnShare) goOn(read, timeMs);
  }

  function vaultOf(id: number): Vault {
    const known = vaults.get(id);
    if (known !== undefined) return known;
    const admits = createAdmission({ ...limit, max: Math.max(1, limit.max * fleet.limitFactor * part) });
    const made = { admits, perStep: new Float64Array(((fleet.seconds + 1) * 1000) / PEAK_STEP_MS) };
    vaults.set(id, made);
    return made;
  }
}

/** Most of these tries in any one window, by weight; counted as a replay counts. */
export function peakOf({ atMs, weight }: { atMs: Float64Array; weight: Float64Array }, windowMs: number): number {
  const perStep = new Float64Array(Math.floor((atMs.at(-1) ?? 0) / PEAK_STEP_MS) + 1);
  for (let index = 0; index < atMs.length; index++) {
    const step = Math.floor((atMs[index] ?? 0) / PEAK_STEP_MS);
    perStep[step] = (perStep[step] ?? 0) + (weight[index] ?? 1);
  }
  return slidingPeak(perStep, windowMs / PEAK_STEP_MS);
}

/** When what comes now has its turn: one after the other at a steady rate, or at once where there is no queue. */
function createTurns(perSecond: number | null, part: number): (nowMs: number) => number {
  if (perSecond === null) return (nowMs) => nowMs;
  let nextMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    const turnMs = Math.max(nowMs, nextMs);
    nextMs = turnMs + 1000 / (perSecond * part);
    return turnMs;
  };
}

/** Most in any so many steps in a row: the true peak lies between this and one step more (field-notes 7). */
export function slidingPeak(perStep: readonly number[] | Float64Array, steps: number): number {
  let sum = 0;
  let peak = 0;
  for (let step = 0; step < perStep.length; step++) {
    sum += (perStep[step] ?? 0) - (step < steps ? 0 : (perStep[step - steps] ?? 0));
    peak = Math.max(peak, sum);
  }
  return peak;
}
