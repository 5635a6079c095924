import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import { TOGETHER_MS } from './flows.ts';
import { needOf, type Read, type Reads } from './reads.ts';

/** Which of the instances behind its address a read is of; asked in order of time. */
export type Instances = (read: Read) => number;

/**
 * Whoever lists reads each thing once a round: of several behind one address, the n-th read of it within a round is the n-th
 * instance's. Whoever refreshes what it holds does so at its own interval: what is read between is another's. Of other work
 * that cannot be told.
 *
 * @param everyMs as `refreshedEvery` found it
 */
export function instancesOf(reads: Reads, everyMs: number | null): Instances {
  if (reads.some(({ work }) => work === ATTEMPT_WORK.list)) return byRound();
  return everyMs === null ? () => 0 : byInterval(everyMs);
}

function byRound(): Instances {
  const rounds = new Map<string, { fromMs: number; count: number }>();
  return (read) => {
    const need = needOf(read);
    const known = rounds.get(need);
    const round =
      known === undefined || read.atMs >= known.fromMs + TOGETHER_MS ? { fromMs: read.atMs, count: 0 } : known;
    rounds.set(need, { ...round, count: round.count + 1 });
    return round.count;
  };
}

/** A refresh may be given up, or missing from the log, so many times in a row. */
const INTERVALS_MAX = 3;
/** As much early or late as this part of the interval. */
const EARLY_SHARE = 0.2;

function byInterval(everyMs: number): Instances {
  const lastMs = new Map<string, number[]>();
  return (read) => {
    const need = needOf(read);
    const known = lastMs.get(need) ?? [];
    lastMs.set(need, known);
    const due = known.findIndex((last) => {
      const intervals = (read.atMs - last) / everyMs;
      const whole = Math.round(intervals);
      return whole >= 1 && whole <= INTERVALS_MAX && Math.abs(intervals - whole) <= EARLY_SHARE;
    });
    const instance = due < 0 ? known.length : due;
    known[instance] = read.atMs;
    return instance;
  };
}

/** Times between two reads of one thing are counted in steps of this ratio, from the shortest that is looked at. */
const RATIO = 1.05;
const SHORTEST_MS = 5_000;
/** About an interval: a tenth more or less; beside it: up to three tenths. */
const NEAR_STEPS = 2;
const BESIDE_STEPS = 5;
/** Of one thing at one address so many reads are looked back, as many as instances at an address there may be. */
const BACK_MAX = 250;
/** Pairs of reads beyond these say no more. */
const PAIRS_MAX = 400_000;
/** So many of the reads must have another of the same thing one interval before, beyond chance. */
const SHARE_MIN = 0.2;
/** Of what stands out most, so much stands out clearly. */
const CLEARLY_SHARE = 0.5;
/** An interval that the reads last for fewer times shows in too few of them. */
const TIMES_MIN = 4;
const DEVIATIONS = 4;

/**
 * The interval at which each instance reads again what it has read, ms, however many share an address: reads of one thing lie
 * that far apart more often than a little more or less. Null where none stands out.
 */
export function refreshedEvery(reads: Reads): number | null {
  const timesMs = new Map<string, number[]>();
  for (const read of reads) {
    const known = timesMs.get(needOf(read));
    if (known === undefined) timesMs.set(needOf(read), [read.atMs]);
    else known.push(read.atMs);
  }
  const apart: number[] = [];
  let pairs = 0;
  let counted = 0;
  for (const times of timesMs.values()) {
    if (pairs > PAIRS_MAX) break;
    times.sort((a, b) => a - b);
    counted += times.length;
    for (const [index, at] of times.entries())
      for (let back = Math.max(0, index - BACK_MAX); back < index; back++) {
        const ms = at - (times[back] ?? at);
        pairs++;
        if (ms < SHORTEST_MS) continue;
        const step = Math.floor(Math.log(ms / SHORTEST_MS) / Math.log(RATIO));
        apart[step] = (apart[step] ?? 0) + 1;
      }
  }
  const within = (from: number, to: number): number => {
    let sum = 0;
    for (let step = from; step <= to; step++) sum += apart[step] ?? 0;
    return sum;
  };
  const width = (from: number, to: number): number => RATIO ** (to + 1) - RATIO ** from;
  const atMs = reads.map((read) => read.atMs);
  const firstMs = atMs.reduce((first, ms) => Math.min(first, ms), Number.POSITIVE_INFINITY);
  const lastMs = atMs.reduce((last, ms) => Math.max(last, ms), 0);
  const longest = Math.log((lastMs - firstMs) / TIMES_MIN / SHORTEST_MS) / Math.log(RATIO);
  const excess: number[] = [];
  for (let step = BESIDE_STEPS; step < longest; step++) {
    const near = within(step - NEAR_STEPS, step + NEAR_STEPS);
    const beside = within(step - BESIDE_STEPS, step + BESIDE_STEPS) - near;
    const nearWidth = width(step - NEAR_STEPS, step + NEAR_STEPS);
    const byChance = (beside * nearWidth) / (width(step - BESIDE_STEPS, step + BESIDE_STEPS) - nearWidth);
    const more = near - byChance;
    if (more > SHARE_MIN * counted && more > DEVIATIONS * Math.sqrt(near + byChance)) excess[step] = more;
  }
  // Whole multiples of an interval show too: the shortest that shows clearly is the interval.
  const most = Math.max(0, ...excess.filter((more) => more > 0));
  const shortest = excess.findIndex((more) => more >= CLEARLY_SHARE * most);
  if (most === 0 || shortest < 0) return null;
  const about = excess.slice(shortest, shortest + NEAR_STEPS + 1);
  const step = shortest + about.indexOf(Math.max(...about.filter((more) => more > 0)));
  return SHORTEST_MS * RATIO ** (step + 0.5);
}
