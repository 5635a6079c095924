import type { Need } from './chains.ts';

/** So many of those who were answered must have gone on, of all; after what comes by chance none does. */
const GOES_ON_SHARE = 0.2;
/** Chance alone strays by so many standard deviations hardly ever. */
const DEVIATIONS = 4;
/** Clocks of a log are whole milliseconds here and there. */
export const CLOCK_MS = 1;

/**
 * Whether whoever is answered goes on about a step later. Of many who take turns at an address each does so a step after its
 * own answer, whatever the others do; work that comes in by chance comes as often sooner and later.
 *
 * @param needs in order of their first try
 */
export function takeSteps(needs: readonly Need[], stepMs: number): boolean {
  return shareThatSteps(needs, stepMs) > 0;
}

/** From one to the next by half as much again: a step's length varies by as much. */
const STEPS_MS = Array.from({ length: 18 }, (_, nth) => 4 * 1.5 ** nth);

/** Fewer rounds show no step: one more or less of those who come by chance would. */
const ROUNDS_MIN = 20;

/** The step after which most of those who are answered go on; null where none stands out. */
export function stepSeen(needs: readonly Need[]): number | null {
  let seen: { stepMs: number; share: number } | null = null;
  const lastsMs = (needs.at(-1)?.firstMs ?? 0) - (needs[0]?.firstMs ?? 0);
  for (const stepMs of STEPS_MS) {
    if (ROUNDS_MIN * stepMs > lastsMs) break;
    const share = shareThatSteps(needs, stepMs);
    if (share > (seen?.share ?? 0)) seen = { stepMs, share };
  }
  return seen?.stepMs ?? null;
}

/** Of those who are answered, how many more go on about then than by chance; 0 where it may be chance. */
function shareThatSteps(needs: readonly Need[], stepMs: number): number {
  const untilMs = [stepMs / 2 + CLOCK_MS, 1.5 * stepMs + 3 * CLOCK_MS, 2 * stepMs + 4 * CLOCK_MS];
  const { answered, begun } = begunAfterAnswers(needs, untilMs);
  const [sooner = 0, about = 0, later = 0] = begun;
  // Sooner and later are as long together, so that a load that rises or falls makes no difference.
  const more = about - sooner - later;
  return isMore(more, about + sooner + later, answered) ? more / answered : 0;
}

/** Whether whoever is answered goes on within that time: what comes by chance comes as often in as much time after it. */
export function followWithin(needs: readonly Need[], withinMs: number): boolean {
  const { answered, begun } = begunAfterAnswers(needs, [withinMs, 2 * withinMs + CLOCK_MS]);
  const [soon = 0, later = 0] = begun;
  return isMore(soon - later, soon + later, answered);
}

function isMore(more: number, variance: number, answered: number): boolean {
  return more > GOES_ON_SHARE * answered && more > DEVIATIONS * Math.sqrt(variance);
}

/**
 * Reads that begin at an address after each answer there, a clock's unit before it included, up to each of these times and after
 * the one before it. Answers after which less time is known say nothing.
 */
function begunAfterAnswers(needs: readonly Need[], untilMs: readonly number[]): { answered: number; begun: number[] } {
  let answered = 0;
  const begun = untilMs.map(() => 0);
  for (const here of byAddress(needs)) {
    const startsMs = here.map(({ firstMs }) => firstMs);
    const knownMs = (startsMs.at(-1) ?? 0) - (untilMs.at(-1) ?? 0);
    const answersMs = here
      .filter(({ gapsMs, status, doneMs }) => gapsMs.length === 0 && status !== 429 && doneMs <= knownMs)
      .map(({ doneMs }) => doneMs)
      .sort((a, b) => a - b);
    answered += answersMs.length;
    const passed = [-CLOCK_MS, ...untilMs].map((afterMs) => countUpTo(startsMs, answersMs, afterMs));
    for (let index = 0; index < untilMs.length; index++)
      begun[index] = (begun[index] ?? 0) + (passed[index + 1] ?? 0) - (passed[index] ?? 0);
  }
  return { answered, begun };
}

/** Starts at or before so long after each answer, of all answers together; both in order of time. */
function countUpTo(startsMs: readonly number[], answersMs: readonly number[], afterMs: number): number {
  let passed = 0;
  let sum = 0;
  for (const doneMs of answersMs) {
    while (passed < startsMs.length && (startsMs[passed] ?? 0) <= doneMs + afterMs) passed++;
    sum += passed;
  }
  return sum;
}

function byAddress(needs: readonly Need[]): Iterable<Need[]> {
  const places = new Map<number, Need[]>();
  for (const need of needs) {
    const here = places.get(need.address);
    if (here === undefined) places.set(need.address, [need]);
    else here.push(need);
  }
  return places.values();
}
