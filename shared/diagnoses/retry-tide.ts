import type { AttemptRow } from '../evidence/attempts.ts';
import { leastSquares } from './least-squares.ts';

/**
 * What comes back of refusals, told by the whole load of a caller: where they come in bursts, as limits refuse, whoever tries
 * again asks for more after each burst than its load would have asked anyway. Where so much asks for the same few things
 * that no need differs from another, this is what is left to tell retries by.
 */
export type RetryTide = {
  /** Tries for each refusal that come sooner than a library waits, within the first waits of all, and within five seconds. */
  early: Estimate;
  soon: Estimate;
  all: Estimate;
};

export type Estimate = { tries: number; error: number };

const BIN_MS = 100;
/** No library waits less before its first retry (0.8 s less a fifth) but Python's, which waits twice as long before its second. */
const EARLY_BINS = 6;
/** No client library waits longer before its first retry (Go's default of 0.8 s, and its jitter). */
const SOON_BINS = 11;
const LATE_BINS = 50;
/** What the load would have asked anyway may change from one such stretch to the next, and is a line in between. */
const KNOT_BINS = 100;
const KNOTS_MAX = 60;
/** What is seen around the refusals: before them the load as it is. */
const BEFORE_BINS = 50;
/** What a bin has too many its neighbours have as well: pieces of work ask for several things. */
const ALIKE_BINS = 10;
const REFUSED_MIN = 50;

/** Several rules ask for the same, and each is a walk over all tries; rows do not change. */
const KNOWN = new WeakMap<readonly AttemptRow[], Map<string, RetryTide | null>>();

/** Null where too little was refused, or where refusals do not come and go, so that nothing can be told. */
export function retryTideOf(rows: readonly AttemptRow[], caller: string): RetryTide | null {
  const known = KNOWN.get(rows) ?? new Map<string, RetryTide | null>();
  KNOWN.set(rows, known);
  const tide = known.get(caller);
  if (tide !== undefined) return tide;
  const measured = measure(rows.filter((row) => row.caller === caller));
  known.set(caller, measured);
  return measured;
}

function measure(rows: readonly AttemptRow[]): RetryTide | null {
  const { tries, refused } = binned(rows);
  const first = refused.findIndex((count) => count > 0);
  const before = running(refused);
  if ((before.at(-1) ?? 0) < REFUSED_MIN) return null;
  const from = Math.max(0, first - BEFORE_BINS);
  const to = Math.min(tries.length - 1, refused.findLastIndex((count) => count > 0) + SOON_BINS);
  const knots = Math.max(2, Math.ceil((to - from + 1) / KNOT_BINS) + 1);
  if (knots > KNOTS_MAX) return null;
  const within = (start: number, end: number): number =>
    (before[Math.max(0, end)] ?? 0) - (before[Math.max(0, start)] ?? 0);
  const lines = Array.from({ length: to - from + 1 }, (_, index) => {
    const bin = from + index;
    const place = (index * (knots - 1)) / (to - from);
    const knot = Math.min(knots - 2, Math.floor(place));
    const row = [
      within(bin - EARLY_BINS, bin) / EARLY_BINS,
      within(bin - SOON_BINS, bin - EARLY_BINS) / (SOON_BINS - EARLY_BINS),
      within(bin - LATE_BINS, bin - SOON_BINS) / (LATE_BINS - SOON_BINS),
      ...Array<number>(knots).fill(0),
    ];
    row[3 + knot] = 1 - (place - knot);
    row[4 + knot] = place - knot;
    return row;
  });
  const fit = leastSquares(lines, tries.slice(from, to + 1), ALIKE_BINS);
  if (fit === null) return null;
  const estimate = (of: readonly number[]): Estimate => {
    const weights = lines[0]?.map((_, column) => of[column] ?? 0) ?? [];
    return { tries: fit.sum(weights), error: fit.error(weights) };
  };
  return { early: estimate([1]), soon: estimate([1, 1]), all: estimate([1, 1, 1]) };
}

function binned(rows: readonly AttemptRow[]): { tries: number[]; refused: number[] } {
  const last = Math.max(0, ...rows.map(({ atMs }) => atMs.at(-1) ?? 0));
  const empty = (): number[] => Array<number>(Math.floor(last / BIN_MS) + 1).fill(0);
  const [tries, refused] = [empty(), empty()];
  for (const { atMs, status } of rows)
    for (const [index, ms] of atMs.entries()) {
      const bin = Math.max(0, Math.floor(ms / BIN_MS));
      tries[bin] = (tries[bin] ?? 0) + 1;
      if (status[index] === 429) refused[bin] = (refused[bin] ?? 0) + 1;
    }
  return { tries, refused };
}

/** Of the first n, by n. */
function running(counts: readonly number[]): number[] {
  const sums = [0];
  for (const [index, count] of counts.entries()) sums.push((sums[index] ?? 0) + count);
  return sums;
}
