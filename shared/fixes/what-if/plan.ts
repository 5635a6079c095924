import type { Random } from '../../ports.ts';
import { type Demand, type Fleet, type Member, total } from './fleet.ts';
import { evenly } from './random.ts';

/** Everything that a fleet will ask for, flow after flow. */
export type Plan = {
  /** When a read that begins a flow comes, ms after the fleet's first second. */
  atMs: number[];
  /** From the read before it being served; negative where it begins a flow. */
  afterMs: number[];
  /** Index of its member in the fleet. */
  member: number[];
};

/** Reads of a fleet, whole or for the most part. */
export function readCount(fleet: Fleet): number {
  return fleet.members.reduce((sum, { demand }) => sum + countOf(demand), 0);
}

function countOf(demand: Demand): number {
  if (demand.kind === 'reads') return demand.reads.length;
  return demand.kind === 'arrivals' ? total(demand.perSecond) : total(demand.startsPerSecond) * demand.reads;
}

/** @param part 0..1: share of the flows that is planned */
export function planReads(fleet: Fleet, part: number, random: Random): Plan {
  const plan: Plan = { atMs: [], afterMs: [], member: [] };
  for (const [index, member] of fleet.members.entries()) {
    const add = (atMs: number, afterMs: number): void => {
      plan.atMs.push(atMs);
      plan.afterMs.push(afterMs);
      plan.member.push(index);
    };
    if (member.demand.kind === 'reads') planObserved(member.demand, part, random, add);
    else planDescribed(member, part, random, add);
  }
  return plan;
}

type Add = (atMs: number, afterMs: number) => void;

const BEGINS = -1;

function planObserved(
  { reads, spreadMs }: Extract<Demand, { kind: 'reads' }>,
  part: number,
  random: Random,
  add: Add,
): void {
  const spread = evenly();
  let taken = true;
  for (const { atMs, afterMs } of reads) {
    if (afterMs === null) taken = part >= 1 || random() < part;
    if (!taken) continue;
    if (afterMs === null) add(atMs + spreadMs * spread(), BEGINS);
    else add(0, afterMs);
  }
}

function planDescribed({ demand }: Member, part: number, random: Random, add: Add): void {
  if (demand.kind === 'reads') return;
  const perSecond = demand.kind === 'arrivals' ? demand.perSecond : demand.startsPerSecond;
  const spread = evenly();
  for (const [second, expected] of perSecond.entries())
    for (let left = whole(expected * part, random); left > 0; left--) {
      const atMs = (second + random()) * 1000;
      if (demand.kind === 'arrivals') add(atMs, BEGINS);
      else planSession(demand, atMs + spread() * demand.spreadMs, random, add);
    }
}

function planSession(
  { reads, parallel, stepMs }: Extract<Demand, { kind: 'sessions' }>,
  atMs: number,
  random: Random,
  add: Add,
): void {
  for (let read = 0, left = whole(reads, random); read < left; read++)
    if (read === 0 || parallel) add(atMs, BEGINS);
    else add(0, stepOf(stepMs, random));
}

/** A whole number whose mean is `expected`. */
function whole(expected: number, random: Random): number {
  return Math.floor(expected + random());
}

/** Between median and ninth decile work times are skewed; a uniform draw between their mirror images is near enough. */
function stepOf({ p50, p90 }: { p50: number; p90: number }, random: Random): number {
  const share = random();
  return share < 0.5 ? p50 * (0.6 + 0.8 * share) : p50 + (p90 - p50) * ((share - 0.5) / 0.4);
}
