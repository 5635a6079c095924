import type { ActivityRow } from '../evidence/activity.ts';

const BIN_S = 10;
/** Lengths of a fall that are looked for, in bins: shorter is chance, longer was not noticed by anybody. */
const SHORTEST = 3;
const LONGEST = 240;
/** What was before is known from so many bins. */
const BEFORE_MIN = 30;
/** With fewer requests to expect, silence is chance. */
const EXPECTED_MIN = 8;
/** Half or less (field-notes 10), and further below than counts stray by themselves. */
const FALLS_TO = 0.5;
const STRAYS_SD = 2.5;

export type Dip = {
  fromSecond: number;
  toSecond: number;
  /** Callers that fell by half or more. */
  fallen: string[];
  /** Share of the usual requests of all callers that those who fell used to make, 0..1. */
  fallenShare: number;
  /** Share of their usual requests that they did not make, 0..1. */
  fall: number;
  /** Challenges that nothing followed: during the fall, and on average in as much time before. */
  orphans: number;
  orphansBefore: number;
};

/** The deepest common fall of authenticated requests that ends at most `lagSeconds` before a moment; null where none did. */
export function findDip(
  rows: readonly ActivityRow[],
  { untilSecond, lagSeconds }: { untilSecond: number; lagSeconds: number },
): Dip | null {
  const [first] = rows;
  if (first === undefined) return null;
  const series = rows.map(({ caller, perTenSeconds }) => ({ caller, sums: runningSums(perTenSeconds) }));
  const until = Math.floor((untilSecond - first.fromSecond) / BIN_S);
  let deepest: { dip: Dip; depth: number } | null = null;
  for (let length = SHORTEST; length <= LONGEST; length++)
    for (let end = Math.max(0, until - Math.ceil(lagSeconds / BIN_S)); end <= until; end++) {
      const start = end - length;
      if (start < BEFORE_MIN) continue;
      const found = fallBetween(series, start, end);
      if (found === null || (deepest !== null && found.depth <= deepest.depth)) continue;
      const { depth, ...fall } = found;
      const dip = {
        ...fall,
        fromSecond: first.fromSecond + BIN_S * start,
        toSecond: first.fromSecond + BIN_S * end,
      };
      deepest = { dip, depth };
    }
  return deepest?.dip ?? null;
}

type Series = { caller: string | null; sums: readonly number[] };

/** Depth in standard deviations of the usual load: a fall that goes on is deeper than a short one. */
function fallBetween(
  series: readonly Series[],
  start: number,
  end: number,
): (Omit<Dip, 'fromSecond' | 'toSecond'> & { depth: number }) | null {
  const fallen: string[] = [];
  let usual = 0;
  let expectedOfFallen = 0;
  let missing = 0;
  let orphans = 0;
  let orphansBefore = 0;
  for (const { caller, sums } of series) {
    const expected = ((sums[start] ?? 0) / start) * (end - start);
    const seen = (sums[end] ?? 0) - (sums[start] ?? 0);
    if (caller === null) {
      orphans = seen;
      orphansBefore = expected;
      continue;
    }
    usual += expected;
    if (expected < EXPECTED_MIN || seen > FALLS_TO * expected) continue;
    if (seen > expected - STRAYS_SD * Math.sqrt(expected)) continue;
    fallen.push(caller);
    expectedOfFallen += expected;
    missing += expected - seen;
  }
  if (fallen.length === 0) return null;
  return {
    fallen,
    fallenShare: expectedOfFallen / usual,
    fall: missing / expectedOfFallen,
    orphans,
    orphansBefore,
    depth: (missing * missing) / (expectedOfFallen * Math.sqrt(expectedOfFallen)),
  };
}

/** Of the first n counts, by n. */
function runningSums(counts: readonly number[]): number[] {
  const sums = [0];
  for (const count of counts) sums.push((sums.at(-1) ?? 0) + count);
  return sums;
}
