import type { RetryRow } from '../evidence/retries.ts';
import type { Storm } from './storm.ts';

/** Waits that grow by less than this from try to try do not back off (field-notes 5). */
export const GROWTH_MAX = 1.5;
/** Chains of at least three waits that the growth must rest on; of two, where fewer have three. */
const GROWTH_CHAINS_MIN = 5;
const TWO_WAIT_CHAINS_MIN = 10;

/** Refused requests are most of the load. */
export const REFUSED_SHARE_MIN = 0.5;
/** Tries for each request served: waits of 1, 2, 4, 8, 16 s stay below, a loop that asks again at once goes above. */
export const TRIES_PER_SERVED_MIN = 2;

/** Whether refused requests are most of the load, and a caller's own retries most of what it sends: a storm of its own. */
export function keepsStormAlive(storm: Storm, row: RetryRow): boolean {
  return refusedShareOf(storm) >= REFUSED_SHARE_MIN && row.attempts >= TRIES_PER_SERVED_MIN * Math.max(1, row.served);
}

/** Of all requests between the first and the last refusal. */
export function refusedShareOf({ refused, served }: Storm): number {
  return refused / Math.max(1, refused + served);
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
