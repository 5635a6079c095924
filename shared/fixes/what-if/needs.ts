import type { LoadRow } from '../../evidence/load.ts';
import type { Waits } from './waits.ts';

/** Retries beyond this are too few to matter to the first tries. */
const TRIES_MAX = 24;

/** Tries of one second: of each read of a piece in turn, by refusals so far. */
type Tries = Float64Array;

/** What follows a refusal, looked up once for all seconds. */
type Step = {
  /** Share that tries again. */
  goesOnShare: number;
  /** Share of those that do so within the same second, where refusals are spread evenly over it. */
  withinSecond: number;
  waitSeconds: number;
};

/**
 * How many needs arose in each second, where the tries of several chains cannot be told apart. What the log does tell is
 * how many tries each second saw and which share of them was refused; with the client's waits, that share of the needs of
 * earlier seconds comes back, and what is left over is new.
 *
 * @param readsOfPiece mean reads of a piece of work, one after the other, of which a need that is given up leaves the rest
 * unread; needs are counted as if none were
 */
export function needsPerSecond(
  row: Pick<LoadRow, 'first' | 'retry' | 'refused'>,
  waits: Waits,
  readsOfPiece = 1,
): number[] {
  const length = Math.ceil(readsOfPiece) * TRIES_MAX;
  const steps = Array.from({ length: TRIES_MAX - 1 }, (_, index) => stepAfter(waits, index + 1));
  const nothing: Tries = new Float64Array(length);
  const returning: Tries = new Float64Array(length);
  const brought: Tries = new Float64Array(length);
  /** By second, as far as anything comes back then. */
  const coming = row.first.map((): Tries | undefined => undefined);
  const passOn = (second: number, index: number, tries: number): void => {
    if (second >= coming.length || tries === 0) return;
    const known = coming[second] ?? new Float64Array(length);
    coming[second] = known;
    known[index] = (known[index] ?? 0) + tries;
  };
  return row.first.map((first, at) => {
    const seen = first + (row.retry[at] ?? 0);
    if (seen === 0) return 0;
    const second = { refusedShare: (row.refused[at] ?? 0) / seen, steps, readsOfPiece };
    // The tries of this second are linear in its new pieces: how many there are without any, and how many each brings.
    const without = countTries(returning, coming[at] ?? nothing, 0, second);
    const pieces = Math.max(0, (seen - without) / countTries(brought, nothing, 1, second));
    for (let index = 0; index < length; index++) {
      const step = steps[index % TRIES_MAX];
      if (step === undefined) continue;
      const tries = (returning[index] ?? 0) + pieces * (brought[index] ?? 0);
      const again = tries * second.refusedShare * step.goesOnShare;
      const whole = Math.floor(step.waitSeconds);
      const later = step.waitSeconds - whole;
      if (whole > 0) passOn(at + whole, index + 1, again * (1 - later));
      passOn(at + whole + 1, index + 1, again * later);
    }
    return pieces * readsOfPiece;
  });
}

function stepAfter(waits: Waits, refusals: number): Step {
  const waitSeconds = waits.meanMs(refusals) / 1000;
  return {
    goesOnShare: 1 - waits.quitShare(refusals),
    withinSecond: Math.max(0, 1 - waitSeconds),
    waitSeconds,
  };
}

/**
 * Writes down the tries of one second, those that come back or go on to the next read within the same second included, and
 * gives their sum.
 */
function countTries(
  tries: Tries,
  known: Tries,
  pieces: number,
  { refusedShare, steps, readsOfPiece }: { refusedShare: number; steps: readonly Step[]; readsOfPiece: number },
): number {
  let all = 0;
  let begun = pieces;
  for (let from = 0; from < tries.length; from += TRIES_MAX) {
    let count = (known[from] ?? 0) + begun;
    tries[from] = count;
    all += count;
    let ofRead = count;
    for (let refusals = 1; refusals < TRIES_MAX; refusals++) {
      const step = steps[refusals - 1];
      const again = step === undefined ? 0 : count * refusedShare * step.goesOnShare * step.withinSecond;
      count = (known[from + refusals] ?? 0) + again;
      tries[from + refusals] = count;
      all += count;
      ofRead += count;
    }
    begun = ofRead * (1 - refusedShare) * Math.min(1, readsOfPiece - from / TRIES_MAX - 1);
  }
  return all;
}
