import type { LoadRow } from '../../evidence/load.ts';
import type { Waits } from './waits.ts';

/** Retries beyond this are too few to matter to the first tries. */
const TRIES_MAX = 24;

/**
 * How many needs arose in each second, where the tries of several chains cannot be told apart. What the log does tell is
 * how many tries each second saw and which share of them was refused; with the client's waits, that share of the needs of
 * earlier seconds comes back, and what is left over is new.
 */
export function needsPerSecond(row: LoadRow, waits: Waits): number[] {
  const seconds = row.first.length;
  /** Tries still to come, by second and number of refusals so far. */
  const coming = Array.from({ length: seconds }, () => new Float64Array(TRIES_MAX));
  return row.first.map((first, second) => {
    const seen = first + (row.retry[second] ?? 0);
    const refusedShare = seen === 0 ? 0 : (row.refused[second] ?? 0) / seen;
    // The tries of this second are linear in its new needs: how many there are without any, and how many each brings.
    const returning = triesIn(coming[second] ?? new Float64Array(TRIES_MAX), 0, refusedShare, waits);
    const brought = triesIn(new Float64Array(TRIES_MAX), 1, refusedShare, waits);
    const needs = Math.max(0, (seen - sum(returning)) / sum(brought));
    for (let refusals = 0; refusals + 1 < TRIES_MAX; refusals++) {
      const tries = (returning[refusals] ?? 0) + needs * (brought[refusals] ?? 0);
      passOn(coming, second, refusals + 1, tries * refusedShare * (1 - waits.quitShare(refusals + 1)), waits);
    }
    return needs;
  });
}

/** Tries of one second by refusals so far, those that come back within the same second included. */
function triesIn(known: Float64Array, needs: number, refusedShare: number, waits: Waits): Float64Array {
  const tries = Float64Array.from(known);
  tries[0] = (tries[0] ?? 0) + needs;
  for (let refusals = 1; refusals < TRIES_MAX; refusals++) {
    const again = (tries[refusals - 1] ?? 0) * refusedShare * (1 - waits.quitShare(refusals));
    tries[refusals] = (tries[refusals] ?? 0) + again * withinSecond(waits.meanMs(refusals));
  }
  return tries;
}

/** Share of what happens in a second, spread evenly over it, whose retry still falls into it. */
function withinSecond(waitMs: number): number {
  return Math.max(0, 1 - waitMs / 1000);
}

function passOn(coming: readonly Float64Array[], second: number, refusals: number, tries: number, waits: Waits): void {
  const waitSeconds = waits.meanMs(refusals) / 1000;
  const whole = Math.floor(waitSeconds);
  const later = waitSeconds - whole;
  add(coming[second + whole], refusals, whole === 0 ? 0 : tries * (1 - later));
  add(coming[second + whole + 1], refusals, tries * later);
}

function add(tries: Float64Array | undefined, refusals: number, count: number): void {
  if (tries !== undefined) tries[refusals] = (tries[refusals] ?? 0) + count;
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
