import type { AttemptRow } from '../evidence/attempts.ts';
import type { RetryRow } from '../evidence/retries.ts';
import { pacingOfCrowd } from './crowd-pacing.ts';
import { nextTriesOf } from './next-try.ts';
import { ANSWERED_MAX, CHANCE_ERRORS, type Loop, type Pacing, SOME_ERRORS } from './pacing.ts';
import { type RetryEcho, type RetryWait, retryEchoOf } from './retry-echo.ts';
import type { Storm } from './storm.ts';
import { total } from './storm.ts';

export type { Loop, Pacing } from './pacing.ts';

/** Waits that grow by less than this from try to try do not back off (field-notes 5). */
const GROWTH_MAX = 1.5;
/** Chains of at least three waits that the growth must rest on; of two, where fewer have three. */
const GROWTH_CHAINS_MIN = 5;
const TWO_WAIT_CHAINS_MIN = 10;
/** More tries than this come by chance within a second of a refusal, and the next one is hardly its retry, */
const CROWD_MAX = 0.7;
/** unless it comes after nearly the same time each time: then nothing else comes between, and the crowd are loops, each of one need. */
const SAME_WAIT_SPREAD_MAX = 0.5;
const SAME_WAIT_TRIES_MIN = 50;
/**
 * Retries after one and the same wait, with those of them that were refused and so waited for the second time. Waits that
 * double cannot reach 1, since only the first of them is as long: share = 1 / (1 + again + again² + …).
 */
const SAME_WAIT_MIN = 1.1;
/** So long waits every Azure library before its first retry, or its second: there the case has to be clearer. */
const LIBRARY_WAIT_MIN_MS = 600;
const SAME_WAIT_LIKE_LIBRARY_MIN = 1.25;
/** Where waits of chains show the same wait, shorter than any library's, what stands out need not show all of it. */
const SAME_WAIT_TOO_MIN = 0.9;

/** Share of the refused needs that are refused again, where they are asked again while refusals last. */
const TWICE_REFUSED_MIN = 0.15;
/** The wait that chains show and the one that stands out are the same. */
const NEAR_FACTOR = 1.25;

/** Share of the refused needs that were given up after the first refusal. */
const AT_ONCE_MIN = 0.8;
/** No client waits so long before its first retry, nor its second: the next try is the next poll, or the next piece of work. */
const NO_RETRY_MS = 15_000;
/**
 * Of a need that is asked again and again: the next try comes no sooner after a refusal than after an answer, where that is
 * longer than first retries wait (0.8 s); else new work comes before them, and nothing can be told.
 */
const NO_SOONER_MIN = 0.6;
const NO_SOONER_TRIES_MIN = 30;
const ASKED_EVERY_MIN_MS = 3_000;
/** Clearly fewer tries than by chance: then needs are not alike, and nothing can be told. */
const FEWER_MAX = 0.3;
/** In a larger crowd its needs are too unlike to tell so nearly. */
const CROWD_SOME_MAX = 20;
/** Refused requests are most of the load while refusals last. */
export const REFUSED_SHARE_MIN = 0.5;
/** Tries for each request served: waits of 1, 2, 4, 8, 16 s stay below, a loop that asks again at once goes above. */
export const TRIES_PER_SERVED_MIN = 2;
/** Refusals count for the limit's window in which they come. */
const BIN_S = 10;

/**
 * From the waits of its chains where they can be told apart, else from what comes back after refusals beyond chance; null
 * where neither shows it.
 */
export function pacingOf(row: RetryRow, tries: readonly AttemptRow[] | null): Pacing | null {
  const echo = tries === null ? null : retryEchoOf(tries, row.caller);
  // Where the second "wait" is as long as no client's, what comes then is the next poll.
  const growth = row.gap2Ms !== null && row.gap2Ms >= NO_RETRY_MS ? null : growthOf(row);
  const seen: Loop | null =
    growth === null || growth >= GROWTH_MAX
      ? null
      : { way: 'loops', seen: true, waitMs: row.gap1Ms, clear: Math.min(1, (GROWTH_MAX - growth) / 0.4) };
  if (
    growth !== null &&
    (echo === null || echo.crowd <= CROWD_MAX || (tries !== null && waitsTheSame(tries, row.caller)))
  ) {
    if (seen !== null) return seen;
    // Few that were refused twice, where refusals bring nothing back, are two instances at one address.
    const isChance = row.twoWaitChains < TWICE_REFUSED_MIN * row.refusedChains;
    if (isChance && echo !== null && givesUp(row, echo)) return { way: 'gives-up' };
    // What grows in one step and not in the other are no waits of a client.
    if (echo === null || Math.min(growth, row.growth21 ?? growth) >= GROWTH_MAX) return { way: 'backs-off' };
  }
  // In a storm the crowd are the loops themselves, each of one need.
  if (seen !== null && isNear(seen.waitMs, echo?.wait?.ms ?? null) && isLoop(echo, SAME_WAIT_TOO_MIN)) return seen;
  const loop = echo === null ? null : loopOf(echo);
  if (loop !== null) return loop;
  if (givesUp(row, echo)) return { way: 'gives-up' };
  return tries === null ? null : pacingOfCrowd(row, tries, echo);
}

/** After an answer the next try does not come as soon, or it would be how the need is asked for anyway. */
function waitsTheSame(tries: readonly AttemptRow[], caller: string): boolean {
  const { afterRefused, afterAnswered } = nextTriesOf(tries, caller);
  if (afterRefused.count < SAME_WAIT_TRIES_MIN || afterRefused.spread > SAME_WAIT_SPREAD_MAX) return false;
  return afterAnswered.count < SAME_WAIT_TRIES_MIN || !isNear(afterRefused.medianMs, afterAnswered.medianMs);
}

function isNear(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.max(a, b) <= NEAR_FACTOR * Math.min(a, b);
}

function loopOf(echo: RetryEcho): Loop | null {
  const { wait } = echo;
  if (wait === null || !isLoop(echo, SAME_WAIT_MIN)) return null;
  return { way: 'loops', seen: false, waitMs: wait.ms, clear: Math.min(1, sameWaitOf(wait) - 1) };
}

function isLoop(echo: RetryEcho | null, sameWaitMin: number): boolean {
  const wait = echo?.wait ?? null;
  return (
    wait !== null && sameWaitOf(wait) >= (wait.ms < LIBRARY_WAIT_MIN_MS ? sameWaitMin : SAME_WAIT_LIKE_LIBRARY_MIN)
  );
}

function sameWaitOf({ share, again }: RetryWait): number {
  return share * (1 + again);
}

function givesUp(row: RetryRow, echo: RetryEcho | null): boolean {
  if (row.gap1Ms !== null && row.gap1Ms >= NO_RETRY_MS) return true;
  if (echo !== null) {
    const { wait, retries, retriesError, soon } = echo;
    const isFewer = retries <= -FEWER_MAX - CHANCE_ERRORS * retriesError;
    if (wait !== null || isFewer) return false;
    // Over seconds a crowd adds much that is chance; within the first waits of any client it adds less.
    return (
      retries + CHANCE_ERRORS * retriesError < ANSWERED_MAX ||
      (echo.crowd <= CROWD_SOME_MAX &&
        retries + SOME_ERRORS * retriesError < ANSWERED_MAX &&
        soon.retries + CHANCE_ERRORS * soon.error < ANSWERED_MAX)
    );
  }
  const { afterRefusedMs, afterServedMs } = row;
  const comparable = Math.min(row.afterRefusedTries, row.afterServedTries) >= NO_SOONER_TRIES_MIN;
  if (comparable && afterRefusedMs !== null && afterServedMs !== null)
    return afterServedMs >= ASKED_EVERY_MIN_MS && afterRefusedMs >= NO_SOONER_MIN * afterServedMs;
  return row.gaveUp >= AT_ONCE_MIN * Math.max(1, row.refusedChains);
}

/** What was asked in those ten seconds in which anything of the vault was refused: by one caller, or by all. */
export type WhileRefused = { first: number; retry: number; served: number; refused: number };

/** By caller; null stands for all callers beyond the busiest together. */
export function whileRefused({ load }: Storm): ReadonlyMap<string | null, WhileRefused> {
  const hit = new Set<number>();
  const binOf = (fromSecond: number, second: number): number => Math.floor((fromSecond + second) / BIN_S);
  for (const { fromSecond, refused } of load)
    for (const [second, count] of refused.entries()) if (count > 0) hit.add(binOf(fromSecond, second));
  const callers = new Map<string | null, WhileRefused>();
  for (const row of load) {
    const known = callers.get(row.caller) ?? { first: 0, retry: 0, served: 0, refused: 0 };
    const inHit = (counts: readonly number[]): number =>
      counts.reduce((sum, count, second) => (hit.has(binOf(row.fromSecond, second)) ? sum + count : sum), 0);
    callers.set(row.caller, {
      first: known.first + inHit(row.first),
      retry: known.retry + inHit(row.retry),
      served: known.served + inHit(row.served),
      refused: known.refused + inHit(row.refused),
    });
  }
  return callers;
}

/** Whether refused requests are most of the load, and a caller's own retries most of what it sends: a storm of its own. */
export function keepsStormAlive(asked: ReadonlyMap<string | null, WhileRefused>, caller: string): boolean {
  const own = asked.get(caller);
  if (own === undefined || refusedShareOf(asked) < REFUSED_SHARE_MIN) return false;
  return own.first + own.retry >= TRIES_PER_SERVED_MIN * Math.max(1, own.served);
}

/** Of all that was asked meanwhile. */
export function refusedShareOf(asked: ReadonlyMap<string | null, WhileRefused>): number {
  const all = [...asked.values()];
  return total(all.map(({ refused }) => refused)) / Math.max(1, total(all.map(({ first, retry }) => first + retry)));
}

/**
 * How waits grow from try to try, the steeper of the two steps; null where the waits could not be seen. Three tries are
 * enough, two are not: one short wait is what some clients begin with (field-notes 5).
 */
export function growthOf({ growth21, growth32, growthChains, twoWaitChains }: RetryRow): number | null {
  if (growth21 === null) return null;
  if (growthChains >= GROWTH_CHAINS_MIN && growth32 !== null) return Math.max(growth21, growth32);
  return twoWaitChains >= TWO_WAIT_CHAINS_MIN ? growth21 : null;
}

/** The first second in which the caller retries more than it asks anew; else the first refusal. */
export function retriesFrom({ load: lines, onsetSecond }: Storm, caller: string): number {
  const turns = lines
    .filter((line) => line.caller === caller)
    .flatMap((line) => {
      const second = line.retry.findIndex((count, index) => count > (line.first[index] ?? 0));
      return second < 0 ? [] : [line.fromSecond + second];
    });
  return turns.length === 0 ? onsetSecond : Math.max(onsetSecond, Math.min(...turns));
}

export function durationOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
