import type { Random } from '../../ports.ts';
import { type Admission, type AdmissionLimit, createAdmission } from './admission.ts';
import { eventHeap } from './event-heap.ts';
import { type Fleet, type Member, total } from './fleet.ts';
import { reproducible } from './random.ts';
import { drawWait } from './waits.ts';

export type Replay = {
  requests: number;
  throttled: number;
  /** Most requests in one window of the limit, counted in whole seconds as evidence is. */
  peak: number;
};

/** Larger loads are replayed in part, with the limit scaled alike. */
const READS_MAX = 60_000;
/** A storm that feeds itself never ends: it is cut off at this many tries a read. */
const TRIES_PER_READ_MAX = 25;
const SEED = 20_260_202;

type Try = { member: Member; readsLeft: number; refusals: number };

/** Plays a fleet against a model of the limit, request by request. */
export function replay(fleet: Fleet, limit: AdmissionLimit): Replay {
  const random = reproducible(SEED);
  const reads = readsOf(fleet);
  const part = Math.min(1, READS_MAX / Math.max(1, reads));
  const requestsMax = TRIES_PER_READ_MAX * (reads * part + 1_000);
  const vaults = new Map<number, { admits: Admission; perSecond: number[] }>();
  const events = eventHeap<Try>();
  for (const member of fleet.members) plan(member, part, random, (timeMs, event) => events.push(timeMs, event));

  let requests = 0;
  let throttled = 0;
  for (let next = events.pop(); next !== undefined && requests < requestsMax; next = events.pop()) {
    const { timeMs, event } = next;
    const vault = vaultOf(event.member.vault);
    const second = Math.floor(timeMs / 1000);
    vault.perSecond[second] = (vault.perSecond[second] ?? 0) + 1;
    requests++;
    const served = vault.admits(fleet.fromSecond * 1000 + timeMs);
    if (!served) throttled++;
    const followUp = served ? nextRead(event, timeMs, random) : nextTry(event, timeMs, random);
    if (followUp !== null) events.push(followUp.timeMs, followUp.event);
  }
  const peak = Math.max(
    0,
    ...[...vaults.values()].map(({ perSecond }) => slidingPeak(perSecond, limit.windowMs / 1000)),
  );
  return { requests: requests / part, throttled: throttled / part, peak: peak / part };

  function vaultOf(id: number): { admits: Admission; perSecond: number[] } {
    const known = vaults.get(id);
    if (known !== undefined) return known;
    const admits = createAdmission({ ...limit, max: Math.max(1, limit.max * fleet.limitFactor * part) });
    const made = { admits, perSecond: [] };
    vaults.set(id, made);
    return made;
  }
}

function readsOf(fleet: Fleet): number {
  return fleet.members.reduce(
    (sum, { demand }) =>
      sum + (demand.kind === 'arrivals' ? total(demand.perSecond) : total(demand.startsPerSecond) * demand.reads),
    0,
  );
}

function plan(member: Member, part: number, random: Random, push: (timeMs: number, event: Try) => void): void {
  const { demand } = member;
  const perSecond = demand.kind === 'arrivals' ? demand.perSecond : demand.startsPerSecond;
  for (const [second, expected] of perSecond.entries()) {
    for (let left = whole(expected * part, random); left > 0; left--) {
      const timeMs = (second + random()) * 1000;
      if (demand.kind === 'arrivals') push(timeMs, { member, readsLeft: 1, refusals: 0 });
      else planSession(member, timeMs + random() * demand.spreadMs, whole(demand.reads, random), push);
    }
  }
}

function planSession(member: Member, timeMs: number, reads: number, push: (timeMs: number, event: Try) => void): void {
  if (member.demand.kind !== 'sessions' || reads === 0) return;
  if (!member.demand.parallel) push(timeMs, { member, readsLeft: reads, refusals: 0 });
  else for (let read = 0; read < reads; read++) push(timeMs, { member, readsLeft: 1, refusals: 0 });
}

/** A whole number whose mean is `expected`. */
function whole(expected: number, random: Random): number {
  return Math.floor(expected + random());
}

type FollowUp = { timeMs: number; event: Try } | null;

function nextRead({ member, readsLeft }: Try, timeMs: number, random: Random): FollowUp {
  if (readsLeft <= 1 || member.demand.kind !== 'sessions') return null;
  return {
    timeMs: timeMs + stepMs(member.demand.stepMs, random),
    event: { member, readsLeft: readsLeft - 1, refusals: 0 },
  };
}

function nextTry(event: Try, timeMs: number, random: Random): FollowUp {
  const refusals = event.refusals + 1;
  const waitMs = drawWait(event.member.waits, refusals, random);
  if (waitMs !== null) return { timeMs: timeMs + waitMs, event: { ...event, refusals } };
  return random() < event.member.goesOnShare ? nextRead(event, timeMs, random) : null;
}

/** Between median and ninth decile work times are skewed; a uniform draw between their mirror images is near enough. */
function stepMs({ p50, p90 }: { p50: number; p90: number }, random: Random): number {
  const share = random();
  return share < 0.5 ? p50 * (0.6 + 0.8 * share) : p50 + (p90 - p50) * ((share - 0.5) / 0.4);
}

/** Most in any `windowSeconds` whole seconds: the true peak lies between this and one second more (field-notes 7). */
export function slidingPeak(perSecond: readonly number[], windowSeconds: number): number {
  let sum = 0;
  let peak = 0;
  for (let second = 0; second < perSecond.length; second++) {
    sum += (perSecond[second] ?? 0) - (perSecond[second - windowSeconds] ?? 0);
    peak = Math.max(peak, sum);
  }
  return peak;
}
