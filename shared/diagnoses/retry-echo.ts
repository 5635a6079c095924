import type { AttemptRow } from '../evidence/attempts.ts';

/**
 * What comes back after refusals, where so much asks for the same things that no try can be told from another. The tries of
 * one need that follow its refusals are held against those that the crowd would have sent in the same seconds anyway, as
 * the other needs of the caller show; what is left are retries, wait by wait.
 */
export type RetryEcho = {
  /** Tries that the crowd sends for the same need within a second of a refusal: above 0.1 chains are not to be told apart. */
  crowd: number;
  /** Retries for each refusal within five seconds; near 0 where a refusal makes nobody ask again. */
  retries: number;
  /** Its standard error. */
  retriesError: number;
  /** The same within the first waits that clients have. */
  soon: { retries: number; error: number };
  /** The wait after which most refusals are asked again, null where none stands out. */
  wait: RetryWait | null;
};

export type RetryWait = {
  ms: number;
  /** Retries for each refusal that come after it. */
  share: number;
  /** Share of those that were refused again, 0..1. */
  again: number;
};

/** Below this a retry is at once; a band of waits begins here. */
const AT_ONCE_MS = 60;
const LONGEST_MS = 5_000;
/** From one edge to the next; a wait that varies by a fifth either way lies within four. */
const STEP = 1.1;
const BAND = 4;
/** So much on either side of a band shows what comes then anyway; the next wait of a loop, twice as long, lies beyond. */
const BESIDE = 2;
const EDGES: readonly number[] = [
  0,
  ...Array.from({ length: Math.ceil(Math.log(LONGEST_MS / AT_ONCE_MS) / Math.log(STEP)) + 1 }, (_, index) =>
    Math.min(LONGEST_MS, AT_ONCE_MS * STEP ** index),
  ),
];
const BINS = EDGES.length - 1;
const CROWD_MS = 1_000;
/** No client library waits longer before its first retry (Go's default of 0.8 s, and its jitter). */
const SOON_MS = 1_100;
const SOON_BINS = EDGES.findIndex((edgeMs) => edgeMs >= SOON_MS);
/** Fewer refusals tell nothing. */
const SAMPLES_MIN = 50;
/** More of them tell nothing more, and take time. */
const SAMPLES_MAX = 4_000;
/** A band of waits that holds fewer retries for each refusal than this is none that stands out, nor is one within chance. */
const STANDS_OUT_MIN = 0.35;
const STANDS_OUT_ERRORS = 4;
/** One refusal has one retry at most; more tries are a crowd that the other needs do not show, but for chance and dents. */
const SHARE_MAX = 1.5;
/** After answers no more than this part of it may stand out at the same lag. */
const OF_ANSWERS_MAX = 0.25;

/** Several rules ask for the same echo, and each is a walk over all tries; rows do not change. */
const KNOWN = new WeakMap<readonly AttemptRow[], Map<string, RetryEcho | null>>();

/** Null where the tries of the caller are not at hand, too few, or all for one need, which leaves no crowd to compare. */
export function retryEchoOf(rows: readonly AttemptRow[], caller: string): RetryEcho | null {
  const known = KNOWN.get(rows) ?? new Map<string, RetryEcho | null>();
  KNOWN.set(rows, known);
  const echo = known.get(caller);
  if (echo !== undefined) return echo;
  const heard = hear(rows, caller);
  known.set(caller, heard);
  return heard;
}

function hear(rows: readonly AttemptRow[], caller: string): RetryEcho | null {
  const refused = tallyOf();
  const answered = tallyOf();
  for (const row of rows) if (row.caller === caller) compare(row, { refused, answered });
  if (refused.samples < SAMPLES_MIN) return null;
  const { seen, expected, seenRefused, expectedRefused, samples } = refused;
  const excess = seen.map((count, bin) => (count - (expected[bin] ?? 0)) / samples);
  const again = seenRefused.map((count, bin) => (count - (expectedRefused[bin] ?? 0)) / samples);
  const others = answered.seen.map(
    (count, bin) => (count - (answered.expected[bin] ?? 0)) / Math.max(1, answered.samples),
  );
  return {
    crowd: expected.reduce((all, count, bin) => ((EDGES[bin] ?? 0) < CROWD_MS ? all + count : all), 0) / samples,
    retries: sum(excess, 0, BINS),
    retriesError: errorOf(refused, 0, BINS),
    soon: { retries: sum(excess, 0, SOON_BINS), error: errorOf(refused, 0, SOON_BINS) },
    wait: waitOf({ excess, again, others }, refused),
  };
}

type Tally = {
  samples: number;
  seen: Float64Array;
  expected: Float64Array;
  seenRefused: Float64Array;
  expectedRefused: Float64Array;
};

function tallyOf(): Tally {
  const bins = (): Float64Array => new Float64Array(BINS);
  return { samples: 0, seen: bins(), expected: bins(), seenRefused: bins(), expectedRefused: bins() };
}

/** The first band of waits that stands out; those after it hold the second and third wait of the same loop. */
function waitOf(
  { excess, again, others }: { excess: Float64Array; again: Float64Array; others: Float64Array },
  tally: Tally,
): RetryWait | null {
  let best: { bin: number; share: number } | null = null;
  for (let bin = 1; bin + BAND <= BINS; bin++) {
    if (best !== null && bin > best.bin + BAND) break;
    const share = standsOut(excess, bin);
    if (share < Math.max(STANDS_OUT_MIN, STANDS_OUT_ERRORS * errorOf(tally, bin, bin + BAND))) continue;
    // What follows answers as well is how the need is asked for, and no retry.
    if (share > SHARE_MAX || standsOut(others, bin) > OF_ANSWERS_MAX * share) continue;
    if (best === null || share > best.share) best = { bin, share };
  }
  if (best === null) return null;
  const { bin, share } = best;
  const tries = sum(excess, bin, bin + BAND);
  let weightedMs = 0;
  for (let at = bin; at < bin + BAND; at++)
    weightedMs += (excess[at] ?? 0) * Math.sqrt((EDGES[at] ?? 0) * (EDGES[at + 1] ?? 0));
  const refusedAgain = sum(again, bin, bin + BAND) / Math.max(share, tries);
  return { ms: weightedMs / tries, share, again: Math.min(1, Math.max(0, refusedAgain)) };
}

/** More that is asked at such times lies evenly around the band; and a loop sends nothing before and after its wait. */
function standsOut(excess: Float64Array, bin: number): number {
  const around = sum(excess, bin - BESIDE, bin) + sum(excess, bin + BAND, bin + BAND + BESIDE);
  return sum(excess, bin, bin + BAND) - (BAND * around) / (2 * BESIDE);
}

function sum(values: Float64Array, from: number, to: number): number {
  let all = 0;
  for (let index = Math.max(0, from); index < Math.min(values.length, to); index++) all += values[index] ?? 0;
  return all;
}

/** Of counts that come by chance. */
function errorOf({ seen, samples }: Tally, from: number, to: number): number {
  return Math.sqrt(sum(seen, from, to)) / Math.max(1, samples);
}

/** Adds, for a sample of the refusals and of the answers, what followed of the same need, and what of all the others. */
function compare(row: AttemptRow, { refused, answered }: { refused: Tally; answered: Tally }): void {
  const { atMs, address, target, status } = row;
  const all = atMs.length;
  const byNeed = new Map<string, number[]>();
  for (let index = 0; index < all; index++) {
    const need = `${address[index] ?? 0} ${target[index] ?? 0}`;
    const known = byNeed.get(need);
    if (known === undefined) byNeed.set(need, [index]);
    else known.push(index);
  }
  const refusedBefore = runningRefused(status);
  const refusals = refusedBefore[all] ?? 0;
  const everyRefused = Math.max(1, Math.ceil(refusals / SAMPLES_MAX));
  const everyAnswered = Math.max(1, Math.ceil((all - refusals) / SAMPLES_MAX));
  const seen = { refused: 0, answered: 0 };
  for (const own of byNeed.values()) {
    if (own.length === all) return;
    const times = own.map((index) => atMs[index] ?? 0);
    const ownRefused = runningRefused(own.map((index) => status[index] ?? 0));
    const need = { times, refusedBefore: ownRefused };
    const others = { times: atMs, refusedBefore };
    for (const [place, index] of own.entries()) {
      const isRefused = status[index] === 429;
      const nth = isRefused ? seen.refused++ : seen.answered++;
      if (nth % (isRefused ? everyRefused : everyAnswered) !== 0) continue;
      follow(isRefused ? refused : answered, { need, others }, { place, index });
    }
  }
}

type Times = { times: readonly number[]; refusedBefore: readonly number[] };

/** Others are all tries of the caller without those of the need itself, by the part that the need has of them. */
function follow(
  tally: Tally,
  { need, others }: { need: Times; others: Times },
  { place, index }: { place: number; index: number },
): void {
  const part = need.times.length / (others.times.length - need.times.length);
  const ownAll = need.refusedBefore.at(-1) ?? 0;
  const refusedPart = ownAll / Math.max(1, (others.refusedBefore.at(-1) ?? 0) - ownAll);
  const at = need.times[place] ?? 0;
  let ownFrom = place + 1;
  let from = index + 1;
  tally.samples++;
  for (let bin = 0; bin < BINS; bin++) {
    const untilMs = at + (EDGES[bin + 1] ?? 0);
    const ownTo = firstAtOrAfter(need.times, untilMs, ownFrom);
    const to = firstAtOrAfter(others.times, untilMs, from);
    const own = ownTo - ownFrom;
    const ownRefused = (need.refusedBefore[ownTo] ?? 0) - (need.refusedBefore[ownFrom] ?? 0);
    const allRefused = (others.refusedBefore[to] ?? 0) - (others.refusedBefore[from] ?? 0);
    tally.seen[bin] = (tally.seen[bin] ?? 0) + own;
    tally.expected[bin] = (tally.expected[bin] ?? 0) + (to - from - own) * part;
    tally.seenRefused[bin] = (tally.seenRefused[bin] ?? 0) + ownRefused;
    tally.expectedRefused[bin] = (tally.expectedRefused[bin] ?? 0) + (allRefused - ownRefused) * refusedPart;
    ownFrom = ownTo;
    from = to;
  }
}

/** Of the first n, by n. */
function runningRefused(status: readonly number[]): number[] {
  const counts = [0];
  for (const [index, code] of status.entries()) counts.push((counts[index] ?? 0) + (code === 429 ? 1 : 0));
  return counts;
}

function firstAtOrAfter(times: readonly number[], ms: number, from: number): number {
  let low = from;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
