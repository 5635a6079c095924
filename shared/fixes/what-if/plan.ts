import type { Random } from '../../ports.ts';
import { type Demand, type Fleet, type Member, total } from './fleet.ts';
import type { Piece } from './pieces.ts';
import { needOf, type Read } from './reads.ts';

/** Everything that a fleet will ask for, flow after flow. */
export type Plan = {
  /** When a read that begins a flow comes, ms after the fleet's first second. */
  atMs: number[];
  /** From the read before it being served; negative where it begins a flow. */
  afterMs: number[];
  /** Comes along with the read before it, `afterMs` later, whatever becomes of that one. */
  alongside: boolean[];
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
  const plan: Plan = { atMs: [], afterMs: [], alongside: [], member: [] };
  for (const [index, member] of fleet.members.entries()) {
    const add: Add = (atMs, afterMs, alongside = false) => {
      plan.atMs.push(atMs);
      plan.afterMs.push(afterMs);
      plan.alongside.push(alongside);
      plan.member.push(index);
    };
    if (member.demand.kind === 'reads') planObserved(member.demand, part, random, add);
    else planDescribed(member, part, random, add);
  }
  return plan;
}

type Add = (atMs: number, afterMs: number, alongside?: boolean) => void;

const BEGINS = -1;

function planObserved(
  { reads, spreadMs }: Extract<Demand, { kind: 'reads' }>,
  part: number,
  random: Random,
  add: Add,
): void {
  let taken = true;
  const delayOf = spreadMs === 0 ? () => 0 : delaysOfStarts(spreadMs, random);
  for (const read of reads) {
    const { atMs, afterMs } = read;
    if (afterMs === null) taken = part >= 1 || random() < part;
    if (!taken) continue;
    if (afterMs === null) add(atMs + delayOf(read), BEGINS);
    else add(0, afterMs, read.alongside);
  }
}

/**
 * What an instance reads at once is delayed together. Of several behind one address, each reads a thing once: the n-th read
 * of it is the n-th instance's.
 */
function delaysOfStarts(spreadMs: number, random: Random): (head: Read) => number {
  const heads = new Map<string, number>();
  const delays = new Map<string, number>();
  return (head) => {
    const need = needOf(head);
    const nth = heads.get(need) ?? 0;
    heads.set(need, nth + 1);
    const instance = `${head.address} ${nth}`;
    const delayMs = delays.get(instance) ?? spreadMs * random();
    delays.set(instance, delayMs);
    return delayMs;
  };
}

function planDescribed({ demand }: Member, part: number, random: Random, add: Add): void {
  if (demand.kind === 'reads') return;
  const perSecond = demand.kind === 'arrivals' ? demand.perSecond : demand.startsPerSecond;
  const readsEach = demand.kind === 'arrivals' ? (demand.piece?.reads ?? 1) : 1;
  for (let second = 0; second < perSecond.length; second++)
    for (let left = whole(((perSecond[second] ?? 0) * part) / readsEach, random); left > 0; left--) {
      const atMs = (second + random()) * 1000;
      if (demand.kind === 'arrivals') planPiece(demand.piece, atMs, random, add);
      else planSession(demand, demand.spreadMs === 0 ? atMs : atMs + demand.spreadMs * random(), random, add);
    }
}

function planPiece(piece: Piece | null, atMs: number, random: Random, add: Add): void {
  add(atMs, BEGINS);
  if (piece === null) return;
  for (let left = whole(piece.reads, random) - 1; left > 0; left--) add(0, stepOf(piece.stepMs, random));
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
