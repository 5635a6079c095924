import { between, type Random } from '../random.ts';

/** Milliseconds to wait after the n-th refusal in a row (1 is the first), or null to give up. */
export type Retry = (refusals: number, random: Random) => number | null;

/** A hand-written loop that asks again almost at once and never gives up. */
export function unpaced(pauseMs: number): Retry {
  return (_refusals, random) => between(random, pauseMs * 0.8, pauseMs * 1.2);
}

/** .NET's default: three retries from 0.8 s, doubled, a fifth either way. @see Azure.Core RetryOptions */
export const netDefault: Retry = (refusals, random) =>
  refusals > 3 ? null : 800 * 2 ** (refusals - 1) * between(random, 0.8, 1.2);

/** Python's default: at once, then 1.6 s, 3.2 s, …; ten retries. @see azure-core RetryPolicy */
export const pythonDefault: Retry = (refusals) =>
  refusals > 10 ? null : refusals === 1 ? 0 : Math.min(120_000, 800 * 2 ** (refusals - 1));

/** What Key Vault's guidance asks for, 1, 2, 4, 8, 16 s, with full jitter; it goes on at the last step. */
export const advised: Retry = (refusals, random) => between(random, 0, 1000 * 2 ** Math.min(refusals - 1, 4));
