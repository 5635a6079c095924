import type { LoadRow } from '../../evidence/load.ts';
import type { Waits } from './waits.ts';

/** Retries beyond this are too few to matter to the first tries. */
const TRIES_MAX = 24;

/** Tries of one second by which read of its piece each is for, and by refusals so far. */
type Tries = readonly Float64Array[];

/**
 * How many needs arose in each second, where the tries of several chains cannot be told apart. What the log does tell is
 * how many tries each second saw and which share of them was refused; with the client's waits, that share of the needs of
 * earlier seconds comes back, and what is left over is new.
 *
 * @param readsOfPiece mean reads of a piece of work, one after the other, of which a need that is given up leaves the rest
 * unread; needs are counted as if none were
 */
export function needsPerSecond(row: LoadRow, waits: Waits, readsOfPiece = 1): number[] {
  const seconds = row.first.length;
  const reads = Math.ceil(readsOfPiece);
  const coming = Array.from({ length: seconds }, () => noTries(reads));
  const second = { refusedShare: 0, waits, readsOfPiece };
  return row.first.map((first, at) => {
    const seen = first + (row.retry[at] ?? 0);
    second.refusedShare = seen === 0 ? 0 : (row.refused[at] ?? 0) / seen;
    // The tries of this second are linear in its new pieces: how many there are without any, and how many each brings.
    const returning = triesIn(coming[at] ?? noTries(reads), 0, second);
    const brought = triesIn(noTries(reads), 1, second);
    const pieces = Math.max(0, (seen - sum(returning)) / sum(brought));
    for (let read = 0; read < reads; read++)
      for (let refusals = 0; refusals + 1 < TRIES_MAX; refusals++) {
        const tries = (returning[read]?.[refusals] ?? 0) + pieces * (brought[read]?.[refusals] ?? 0);
        const again = tries * second.refusedShare * (1 - waits.quitShare(refusals + 1));
        passOn(coming, at, { read, refusals: refusals + 1, tries: again }, waits);
      }
    return pieces * readsOfPiece;
  });
}

function noTries(reads: number): Tries {
  return Array.from({ length: reads }, () => new Float64Array(TRIES_MAX));
}

/** Tries of one second, those that come back or go on to the next read within the same second included. */
function triesIn(
  known: Tries,
  pieces: number,
  { refusedShare, waits, readsOfPiece }: { refusedShare: number; waits: Waits; readsOfPiece: number },
): Tries {
  let begun = pieces;
  return known.map((own, read) => {
    const tries = Float64Array.from(own);
    tries[0] = (tries[0] ?? 0) + begun;
    for (let refusals = 1; refusals < TRIES_MAX; refusals++) {
      const again = (tries[refusals - 1] ?? 0) * refusedShare * (1 - waits.quitShare(refusals));
      tries[refusals] = (tries[refusals] ?? 0) + again * withinSecond(waits.meanMs(refusals));
    }
    begun = sum([tries]) * (1 - refusedShare) * Math.min(1, readsOfPiece - read - 1);
    return tries;
  });
}

/** Share of what happens in a second, spread evenly over it, whose retry still falls into it. */
function withinSecond(waitMs: number): number {
  return Math.max(0, 1 - waitMs / 1000);
}

function passOn(
  coming: readonly Tries[],
  second: number,
  { read, refusals, tries }: { read: number; refusals: number; tries: number },
  waits: Waits,
): void {
  const waitSeconds = waits.meanMs(refusals) / 1000;
  const whole = Math.floor(waitSeconds);
  const later = waitSeconds - whole;
  add(coming[second + whole]?.[read], refusals, whole === 0 ? 0 : tries * (1 - later));
  add(coming[second + whole + 1]?.[read], refusals, tries * later);
}

function add(tries: Float64Array | undefined, refusals: number, count: number): void {
  if (tries !== undefined) tries[refusals] = (tries[refusals] ?? 0) + count;
}

function sum(tries: Tries): number {
  let total = 0;
  for (const own of tries) for (const count of own) total += count;
  return total;
}
