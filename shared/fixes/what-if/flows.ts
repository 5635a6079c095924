import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import type { Need } from './chains.ts';
import { CLOCK_MS, followWithin, stepSeen, takeSteps } from './crowds.ts';
import { quantile } from './quantile.ts';

/** Needs of one instance that follow each other, and when the last of them was answered; from one of them on, all are asked at once. */
export type Flow = { needs: Need[]; doneMs: number; togetherFrom: number };

/** Instances behind one address that begin the same round do so within about this time; the next round comes later. */
export const TOGETHER_MS = 12_000;
/** Whoever lets more time pass does not go on with what was read before, but with something new. */
const GOES_ON_WITHIN_MS = 5_000;
/** Who goes on as soon as it was answered has begun by then; the sooner, the less is taken for it that comes by chance. */
const AT_ONCE_MS = [40, 150] as const;
/** Who has the last page of a list gets what it names within this time. */
const LISTED_MS = 150;
const NEVER = Number.POSITIVE_INFINITY;
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
  return listingFlows(needs) ?? readingFlows(needs);
}

/** Reads that an address begins within this time of each other are asked together. */
const ONE_MOMENT_MS = 10;
/** So many of the reads of a caller that lists must follow a list together. */
const LISTED_SHARE = 0.5;

/**
 * Who lists, and gets what it was told of at once, does so as soon as it has the last page: the sooner the list is served, the
 * sooner all of it comes, and without a list none of it. Null of who does not.
 */
function listingFlows(needs: readonly Need[]): Flow[] | null {
  const lists = needs.filter(({ work }) => work === ATTEMPT_WORK.list);
  if (lists.length === 0) return null;
  const gets = needs.filter(({ work }) => work !== ATTEMPT_WORK.list);
  const listings = chain(lists, 'longest', LISTED_MS);
  const listed = new Map<number, Flow[]>();
  for (const flow of listings) {
    const from = flow.needs[0]?.address ?? 0;
    const here = listed.get(from);
    if (here === undefined) listed.set(from, [flow]);
    else here.push(flow);
  }
  const apart: Need[] = [];
  let followed = 0;
  for (const together of momentsOf(gets)) {
    const [{ address, firstMs }] = together;
    const listing = listed
      .get(address)
      ?.find(({ doneMs, togetherFrom }) => togetherFrom === NEVER && isAtOnce(firstMs - doneMs));
    if (listing === undefined) {
      apart.push(...together);
      continue;
    }
    listing.togetherFrom = listing.needs.length;
    listing.needs.push(...together);
    followed += together.length;
  }
  return followed < LISTED_SHARE * gets.length ? null : [...listings, ...readingFlows(apart)];
}

function isAtOnce(gapMs: number): boolean {
  return gapMs >= -CLOCK_MS && gapMs <= LISTED_MS;
}

/** What each address asks for at one moment, several things at least. */
function momentsOf(needs: readonly Need[]): [Need, ...Need[]][] {
  const moments: [Need, ...Need[]][] = [];
  const last = new Map<number, [Need, ...Need[]]>();
  for (const need of needs) {
    const known = last.get(need.address);
    if (known !== undefined && need.firstMs - known[0].firstMs <= ONE_MOMENT_MS) {
      known.push(need);
      continue;
    }
    const moment: [Need, ...Need[]] = [need];
    last.set(need.address, moment);
    moments.push(moment);
  }
  return moments;
}

/**
 * Who goes on by itself at addresses of its own does so in the first flow that is free. Of many at one address the first that
 * are free would do, with shorter pauses than are taken: there, nobody goes on much sooner than after the pause that shows.
 * Null where nothing shows that is more than chance.
 */
export function loopFlows(
  needs: readonly Need[],
  chained: Flow[] = chain(needs, 'longest', GOES_ON_WITHIN_MS),
): Flow[] | null {
  if (isNoChance(needs, chained)) return chained;
  const stepMs = stepSeen(needs);
  return stepMs === null ? null : chain(needs, 'longest', GOES_ON_WITHIN_MS, addressOf, stepMs / 2);
}

function addressOf({ address }: Need): number {
  return address;
}

function readingFlows(needs: readonly Need[]): Flow[] {
  // Whose turn it is among several at an address is not known; by either guess steps of one kind stay alike.
  const chained = chain(needs, 'longest', GOES_ON_WITHIN_MS);
  const areSteady = isSteady(chained) || isSteady(chain(needs, 'shortest', GOES_ON_WITHIN_MS));
  const loops = areSteady ? loopFlows(needs, chained) : null;
  if (loops !== null) return loops;
  const turns = turnsOf(needs);
  const byTurns = chain(needs, 'longest', GOES_ON_WITHIN_MS, (need) => `${need.address} ${turns.get(need)}`);
  if (isSteady(byTurns) && isNoChance(needs, byTurns)) return byTurns;
  const withinMs = AT_ONCE_MS.find((ms) => followWithin(needs, ms));
  return withinMs === undefined
    ? needs.map((need) => ({ needs: [need], doneMs: need.doneMs, togetherFrom: NEVER }))
    : chain(needs, 'longest', withinMs);
}

/**
 * Steps alone may look steady by chance: where many wait at an address, the longest of them has waited about as long each time,
 * whatever comes next; and what comes seldom comes at any time of those that are looked at.
 */
function isNoChance(needs: readonly Need[], flows: readonly Flow[]): boolean {
  const pausesMs = flows.flatMap((flow) =>
    flow.needs.slice(1).map((need, index) => need.firstMs - (flow.needs[index]?.doneMs ?? need.firstMs)),
  );
  if (pausesMs.length < STEPS_MIN) return true;
  const pauseMs = Math.max(0, quantile(pausesMs, 0.5));
  // Pauses of a few milliseconds vary by more than themselves: those are told by how soon nearly all of them are over.
  return takeSteps(needs, pauseMs) || followWithin(needs, 2 * pauseMs + 2 * CLOCK_MS);
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

/** Of what waits for more at an address, the one that has waited longest goes on, as instances behind it take turns, or the last. */
function chain(
  needs: readonly Need[],
  waited: 'longest' | 'shortest',
  withinMs: number,
  placeOf: (need: Need) => number | string = addressOf,
  leastMs = -CLOCK_MS,
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
      if (flow.doneMs <= need.firstMs - leastMs && (next === undefined || goesFirst(flow, next))) next = flow;
    }
    here.length = kept;
    if (next === undefined) {
      next = { needs: [], doneMs: 0, togetherFrom: NEVER };
      flows.push(next);
      here.push(next);
    }
    next.needs.push(need);
    next.doneMs = need.doneMs;
  }
  return flows;
}

function isSteady(flows: readonly Flow[]): boolean {
  const steps = stepsOf(flows).map(({ ms }) => ms);
  return steps.length < STEPS_MIN || quantile(steps, 0.9) <= STEADY_STEP_FACTOR * quantile(steps, 0.5);
}

/** From an answer to the next read of the flow; those that no refusal came between, where there are enough of them. */
function stepsOf(flows: readonly Flow[]): { ms: number; undisturbed: boolean }[] {
  const steps = flows.flatMap(({ needs }) =>
    needs.slice(1).flatMap((need, index) => {
      const before = needs[index];
      return before === undefined
        ? []
        : [{ ms: need.firstMs - before.lastMs, undisturbed: before.gapsMs.length === 0 }];
    }),
  );
  const undisturbed = steps.filter((step) => step.undisturbed);
  return undisturbed.length < STEPS_MIN ? steps : undisturbed;
}
