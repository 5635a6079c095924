import type { Need } from './chains.ts';
import { quantile } from './quantile.ts';

/** Needs of one instance that follow each other, and when the last of them was answered. */
export type Flow = { needs: Need[]; doneMs: number };

/** Instances behind one address that begin the same round do so within about this time; the next round comes later. */
export const TOGETHER_MS = 12_000;
/** Whoever lets more time pass does not go on with what was read before, but with something new. */
const GOES_ON_WITHIN_MS = 5_000;
/** Who goes on as soon as it was answered has begun by then; work that comes by chance begins as often in as much time after it. */
const AT_ONCE_MS = 150;
const AT_ONCE_FACTOR = 4;
/** Clocks of a log are whole milliseconds here and there. */
const CLOCK_MS = 1;
/**
 * Who goes on as soon as it was served takes about the same time for each step, twice the median at most in nine of ten; work
 * that comes in from outside comes by chance, after any time: of exponential gaps the ninth decile is 3.3 times the median.
 */
const STEADY_STEP_FACTOR = 2.2;
const STEPS_MIN = 20;

/**
 * Who goes on by itself does so in one flow. Of work that comes by chance, or beside it, only what follows an answer at once
 * does, where that is clearly no chance.
 */
export function likelyFlows(needs: readonly Need[]): Flow[] {
  const chained = flowsOf(needs, 'longest', GOES_ON_WITHIN_MS);
  // Whose turn it is among several at an address is not known; by either guess steps of one kind stay alike.
  if (isSteady(chained) || isSteady(flowsOf(needs, 'shortest', GOES_ON_WITHIN_MS))) return chained;
  const turns = turnsOf(needs);
  const byTurns = flowsOf(needs, 'longest', GOES_ON_WITHIN_MS, (need) => `${need.address} ${turns.get(need)}`);
  if (isSteady(byTurns)) return byTurns;
  return followAtOnce(needs)
    ? flowsOf(needs, 'longest', AT_ONCE_MS)
    : needs.map((need) => ({ needs: [need], doneMs: need.doneMs }));
}

/** Of several instances behind one address, each reads a thing once a round: the n-th read of it is the n-th instance's. */
function turnsOf(needs: readonly Need[]): Map<Need, number> {
  const turns = new Map<Need, number>();
  const rounds = new Map<string, { fromMs: number; reads: number }>();
  for (const need of needs) {
    const key = `${need.address} ${need.target}`;
    const known = rounds.get(key);
    const round =
      known !== undefined && need.firstMs < known.fromMs + TOGETHER_MS ? known : { fromMs: need.firstMs, reads: 0 };
    turns.set(need, round.reads);
    round.reads++;
    rounds.set(key, round);
  }
  return turns;
}

/** Whether far more reads begin within that time of an answer than in as much time after it. */
function followAtOnce(needs: readonly Need[]): boolean {
  const doneMs = new Map<number, number>();
  let atOnce = 0;
  let later = 0;
  for (const need of needs) {
    const gapMs = need.firstMs - (doneMs.get(need.address) ?? Number.NEGATIVE_INFINITY);
    if (gapMs >= -CLOCK_MS && gapMs <= AT_ONCE_MS) atOnce++;
    else if (gapMs > 0 && gapMs <= 2 * AT_ONCE_MS) later++;
    doneMs.set(need.address, need.doneMs);
  }
  return atOnce >= STEPS_MIN && atOnce >= AT_ONCE_FACTOR * later;
}

/** Of what waits for more at an address, the one that has waited longest goes on, as instances behind it take turns, or the last. */
function flowsOf(
  needs: readonly Need[],
  waited: 'longest' | 'shortest',
  withinMs: number,
  placeOf: (need: Need) => number | string = ({ address }) => address,
): Flow[] {
  const flows: Flow[] = [];
  const waiting = new Map<number | string, Flow[]>();
  const goesFirst = (a: Flow, b: Flow): boolean => (waited === 'longest' ? a.doneMs < b.doneMs : a.doneMs > b.doneMs);
  for (const need of needs) {
    const place = placeOf(need);
    const here = waiting.get(place) ?? [];
    waiting.set(place, here);
    let next: Flow | undefined;
    // In place: a busy address has hundreds that wait, and a look at them for each of its needs.
    let kept = 0;
    for (const flow of here) {
      if (flow.doneMs < need.firstMs - withinMs) continue;
      here[kept++] = flow;
      if (flow.doneMs <= need.firstMs + CLOCK_MS && (next === undefined || goesFirst(flow, next))) next = flow;
    }
    here.length = kept;
    if (next === undefined) {
      next = { needs: [], doneMs: 0 };
      flows.push(next);
      here.push(next);
    }
    next.needs.push(need);
    next.doneMs = need.doneMs;
  }
  return flows;
}

function isSteady(flows: readonly Flow[]): boolean {
  const steps = flows.flatMap(({ needs }) =>
    needs.slice(1).flatMap((need, index) => {
      const before = needs[index];
      return before === undefined
        ? []
        : [{ ms: need.firstMs - before.lastMs, undisturbed: before.gapsMs.length === 0 }];
    }),
  );
  const undisturbed = steps.filter((step) => step.undisturbed);
  const told = (undisturbed.length < STEPS_MIN ? steps : undisturbed).map(({ ms }) => ms);
  return told.length < STEPS_MIN || quantile(told, 0.9) <= STEADY_STEP_FACTOR * quantile(told, 0.5);
}
