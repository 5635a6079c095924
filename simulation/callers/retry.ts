import { between, type Random } from '../random.ts';
import type { Language } from './clients.ts';

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

/** Java's default: three retries from 0.8 s, doubled, at most 8 s, a twentieth either way. @see azure-core ExponentialBackoff */
const javaDefault: Retry = (refusals, random) =>
  refusals > 3 ? null : Math.min(8_000, 800 * 2 ** (refusals - 1)) * between(random, 0.95, 1.05);

/** Go's default: three retries after 0.8, 2.4, 5.6 s, at most 60 s, 80 to 130 %. @see azcore policy.RetryOptions */
const goDefault: Retry = (refusals, random) =>
  refusals > 3 ? null : Math.min(60_000, 800 * (2 ** refusals - 1)) * between(random, 0.8, 1.3);

/** JavaScript's default, since Key Vault sends no Retry-After: the refusal is handed back at once. */
export const givesUp: Retry = () => null;

/** A hand-written wrapper: so many tries with the same pause between them, then an error. */
export function fixedPause(pauseMs: number, retriesMax: number): Retry {
  return (refusals, random) => (refusals > retriesMax ? null : between(random, pauseMs * 0.9, pauseMs * 1.1));
}

/** What the client of a language does when nobody has configured it. */
export const LANGUAGE_RETRY: Readonly<Record<Language, Retry>> = {
  net: netDefault,
  java: javaDefault,
  python: pythonDefault,
  javascript: givesUp,
  go: goDefault,
};
