import { type Admission, type AdmissionLimit, createAdmission } from './admission.ts';
import { createCalendar } from './calendar.ts';
import type { Fleet, Member } from './fleet.ts';
import { planReads, readCount } from './plan.ts';
import { reproducible } from './random.ts';
import { drawWait } from './waits.ts';

export type Replay = {
  requests: number;
  throttled: number;
  /** Most that was asked for in one window of the limit, by weight, counted in whole seconds as evidence is. */
  peak: number;
  refusedPerSecond: Float64Array;
};

/** Larger loads are replayed in part, with the limit scaled alike. */
const READS_MAX = 60_000;
/** A storm that feeds itself never ends: it is cut off at this many tries a read. */
const TRIES_PER_READ_MAX = 25;
const SEED = 20_260_202;

/** Plays a fleet against a model of the limit, request by request, to the end of the stretch that it was seen in. */
export function replay(fleet: Fleet, limit: AdmissionLimit): Replay {
  const random = reproducible(SEED);
  const part = Math.min(1, READS_MAX / Math.max(1, readCount(fleet)));
  const plan = planReads(fleet, part, random);
  const reads = plan.atMs.length;
  const requestsMax = TRIES_PER_READ_MAX * (reads + 1_000);
  const refusals = new Uint16Array(reads);
  /** Has had its turn in the queue before its member. */
  const turned = new Uint8Array(reads);
  const turns = fleet.members.map(({ queuePerSecond }) => createTurns(queuePerSecond, part));
  const vaults = new Map<number, { admits: Admission; perSecond: Float64Array }>();
  const calendar = createCalendar(fleet.seconds * 1000, reads);
  for (let read = 0; read < reads; read++) if (begins(read)) calendar.put(plan.atMs[read] ?? 0, read);

  const refusedPerSecond = new Float64Array(fleet.seconds + 1);
  let requests = 0;
  let throttled = 0;
  calendar.playThrough((timeMs, read) => {
    const member = memberOf(read);
    if (member === undefined) return true;
    const turnMs = turned[read] === 0 ? turns[plan.member[read] ?? 0]?.(timeMs) : timeMs;
    turned[read] = 1;
    if (turnMs !== undefined && turnMs > timeMs) {
      calendar.put(turnMs, read);
      return true;
    }
    const vault = vaultOf(member.vault);
    const second = Math.floor(timeMs / 1000);
    vault.perSecond[second] = (vault.perSecond[second] ?? 0) + member.weight;
    requests++;
    if (vault.admits(fleet.fromSecond * 1000 + timeMs, member.weight)) goOn(read, timeMs);
    else {
      throttled++;
      refusedPerSecond[second] = (refusedPerSecond[second] ?? 0) + 1 / part;
      tryAgain(read, timeMs, member);
    }
    return requests < requestsMax;
  });
  const peaks = [...vaults.values()].map(({ perSecond }) => slidingPeak(perSecond, limit.windowMs / 1000));
  return {
    requests: requests / part,
    throttled: throttled / part,
    peak: Math.max(0, ...peaks) / part,
    refusedPerSecond,
  };

  function begins(read: number): boolean {
    return (plan.afterMs[read] ?? -1) < 0;
  }

  function memberOf(read: number): Member | undefined {
    return fleet.members[plan.member[read] ?? 0];
  }

  function goOn(read: number, timeMs: number): void {
    const next = read + 1;
    if (next < reads && !begins(next)) calendar.put(timeMs + (plan.afterMs[next] ?? 0), next);
  }

  function tryAgain(read: number, timeMs: number, { waits, goesOnShare }: Member): void {
    refusals[read] = (refusals[read] ?? 0) + 1;
    turned[read] = 0;
    const waitMs = drawWait(waits, refusals[read] ?? 1, random);
    if (waitMs !== null) calendar.put(timeMs + waitMs, read);
    else if (random() < goesOnShare) goOn(read, timeMs);
  }

  function vaultOf(id: number): { admits: Admission; perSecond: Float64Array } {
    const known = vaults.get(id);
    if (known !== undefined) return known;
    const admits = createAdmission({ ...limit, max: Math.max(1, limit.max * fleet.limitFactor * part) });
    const made = { admits, perSecond: new Float64Array(fleet.seconds + 1) };
    vaults.set(id, made);
    return made;
  }
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

/** Most in any `windowSeconds` whole seconds: the true peak lies between this and one second more (field-notes 7). */
export function slidingPeak(perSecond: readonly number[] | Float64Array, windowSeconds: number): number {
  let sum = 0;
  let peak = 0;
  for (let second = 0; second < perSecond.length; second++) {
    sum += (perSecond[second] ?? 0) - (perSecond[second - windowSeconds] ?? 0);
    peak = Math.max(peak, sum);
  }
  return peak;
}
