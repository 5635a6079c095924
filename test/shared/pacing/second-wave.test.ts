import { describe, expect, test } from 'vitest';
import { floorMs } from '../../../bench/fleet/virtual.ts';
import { headline, playOurs, refusedShare } from './kit.ts';

// Fair is to share by processor: from the second start until its end the first wave is due half of what the vault gives.
describe('a second wave of as many, while the first still starts', () => {
  // Against the oracle: half of the limit. Allowed is 1.25 times that, the factor that one wave alone may take over its
  // floor, and 1.35 where starts spread over half a second leave unequal shares. The last instance counts.
  test.each(
    [5_000, 7_500, 12_500, 15_000, 20_000, 25_000].flatMap((afterMs) =>
      [
        { spreadMs: 0, most: 1.25 },
        { spreadMs: 500, most: 1.35 },
      ].flatMap((spread) => [false, true].map((counts) => ({ afterMs, ...spread, counts }))),
    ),
  )(
    'delays the first by no more than its fair share of the limit: $afterMs ms after, spread over $spreadMs ms, 429s counted: $counts',
    ({ afterMs, spreadMs, most, counts }) => {
      const result = playOurs(headline({ counts, spreadMs, secondWaveAfterMs: afterMs, capMs: 600_000 }));
      expect(result.ready).toBe(1_000);
      expect(result.firstWaveReadyMs).toHaveLength(500);
      const fairMs = afterMs + 2 * (floorMs(headline({ spreadMs })) - afterMs);
      expect(result.firstWaveReadyMs[499]).toBeLessThanOrEqual(most * fairMs);
      expect(refusedShare(result)).toBeLessThanOrEqual(0.22);
    },
  );

  // Against the first wave without a second: what it had left takes twice as long, at most 1.25 times that. Where refused
  // requests count, a second wave also uses up what nobody gets: 1.4. In the very moment in which the places of the first
  // fall free the second is ahead of all of them by the guard: 1.4 as well.
  const alone = new Map<string, number>();
  const aloneMs = (spreadMs: number, counts: boolean): number => {
    const key = `${spreadMs} ${counts}`;
    const known = alone.get(key) ?? playOurs(headline({ spreadMs, counts })).lastReadyMs ?? Number.NaN;
    alone.set(key, known);
    return known;
  };
  test.each(
    [5_000, 10_000, 15_000, 20_000, 25_000].flatMap((afterMs) =>
      [0, 1_000, 8_000, 30_000].flatMap((spreadMs) =>
        [false, true].map((counts) => ({
          afterMs,
          spreadMs,
          counts,
          most: counts || (afterMs === 10_000 && spreadMs === 0) ? 1.4 : 1.25,
        })),
      ),
    ),
  )(
    'takes no more than half of what the first would have had: $afterMs ms after, spread over $spreadMs ms, 429s counted: $counts',
    ({ afterMs, spreadMs, counts, most }) => {
      const result = playOurs(headline({ counts, spreadMs, secondWaveAfterMs: afterMs, capMs: 600_000 }));
      const fairMs = afterMs + 2 * (aloneMs(spreadMs, counts) - afterMs);
      expect(result.firstWaveReadyMs).toHaveLength(500);
      expect(result.firstWaveReadyMs[499]).toBeLessThanOrEqual(most * fairMs);
      expect(result.ready).toBe(1_000);
      expect(result.lastReadyMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(1.9 * 80_000);
    },
  );
});
