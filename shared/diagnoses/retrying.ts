import type { RetryRow } from '../evidence/retries.ts';
import type { Storm } from './storm.ts';

/** Waits that grow by less than this from try to try do not back off (field-notes 5). */
export const GROWTH_MAX = 1.5;
/** Chains of at least three waits that the growth must rest on. */
const GROWTH_CHAINS_MIN = 5;

/** How waits grow from try to try, the steeper of the two steps; null where the waits could not be seen. */
export function growthOf({ growth21, growth32, growthChains }: RetryRow): number | null {
  if (growthChains < GROWTH_CHAINS_MIN || growth21 === null || growth32 === null) return null;
  return Math.max(growth21, growth32);
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
