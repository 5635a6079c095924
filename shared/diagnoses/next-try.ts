import type { AttemptRow } from '../evidence/attempts.ts';

/** How long after a refusal, and after any other answer, the same need is tried again, in milliseconds. */
export type NextTries = { afterRefused: Waits; afterAnswered: Waits };

/** `spread`: the range of the middle half as a share of the median; a client's jitter of a fifth gives 0.2, chance gives 1.6. */
export type Waits = { count: number; medianMs: number; spread: number };

/** Several rules ask for the same, and each is a walk over all tries; rows do not change. */
const KNOWN = new WeakMap<readonly AttemptRow[], Map<string, NextTries>>();

/** What follows in the same need, by one caller of these rows; counts are 0 where nothing does. */
export function nextTriesOf(rows: readonly AttemptRow[], caller: string): NextTries {
  const known = KNOWN.get(rows) ?? new Map<string, NextTries>();
  KNOWN.set(rows, known);
  const found = known.get(caller) ?? measure(rows.filter((row) => row.caller === caller));
  known.set(caller, found);
  return found;
}

function measure(rows: readonly AttemptRow[]): NextTries {
  const refused: number[] = [];
  const answered: number[] = [];
  for (const { atMs, address, target, status } of rows) {
    const last = new Map<string, number>();
    for (const [index, ms] of atMs.entries()) {
      const need = `${address[index] ?? 0} ${target[index] ?? 0}`;
      const before = last.get(need);
      if (before !== undefined) (status[before] === 429 ? refused : answered).push(ms - (atMs[before] ?? 0));
      last.set(need, index);
    }
  }
  return { afterRefused: waitsOf(refused), afterAnswered: waitsOf(answered) };
}

function waitsOf(gapsMs: readonly number[]): Waits {
  const sorted = Float64Array.from(gapsMs).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const medianMs = at(0.5);
  return { count: sorted.length, medianMs, spread: medianMs === 0 ? 0 : (at(0.75) - at(0.25)) / medianMs };
}
