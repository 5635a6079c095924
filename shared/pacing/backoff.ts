import type { Random } from './random.ts';

/**
 * The wait before try `attempt + 1`, ms: anything from 0 to `baseMs * 2 ** attempt`, at most `maxMs` (full jitter).
 * The defaults are Key Vault's advised 1, 2, 4, 8, 16 s.
 *
 * @param attempt 0 for the wait after the first failure
 * @see https://learn.microsoft.com/azure/key-vault/general/overview-throttling
 */
export function fullJitterMs(
  attempt: number,
  random: Random,
  options: { baseMs?: number; maxMs?: number } = {},
): number {
  const { baseMs = 1_000, maxMs = 16_000 } = options;
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(0, attempt), 30));
}
