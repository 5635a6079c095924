import { describe, expect, test } from 'vitest';
import { floorMs } from '../../../bench/fleet/virtual.ts';
import { headline, playOurs, refusedShare } from './kit.ts';

// Fair is to share by processor: from the second start on the first wave is due half of what the vault serves, so that what
// it had left takes twice as long. Twice as long as it would have taken without the second, and, more strictly, twice as
// long as with an oracle that knows all starts and the limit. The last of the 500 counts; 1.05 leaves room for its luck.
type Cell = { afterMs: number; spreadMs: number; counts: boolean };

const FAIR = 1.05;

const cells: Cell[] = [0, 500, 1_000, 8_000, 30_000].flatMap((spreadMs) =>
  [5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000]
    .filter((afterMs) => spreadMs <= 500 || afterMs % 5_000 === 0)
    .flatMap((afterMs) => [false, true].map((counts) => ({ afterMs, spreadMs, counts }))),
);

/**
 * The second comes in the very moment in which the places of the first fall free. It is served as if the vault were empty,
 * and the first is refused: from then on each sees what the other saw ten seconds before, and no rule that knows its own
 * requests alone gives a place back to the first that the second would not take back in the next round.
 */
const isCoincident = ({ afterMs, spreadMs, counts }: Cell): boolean => afterMs === 10_000 && spreadMs <= 500 && !counts;

/** Those of the first that were refused at once are hardly older, when the luckier ones leave, than newcomers, who find the room as soon. */
const isHandover = ({ afterMs, spreadMs }: Cell): boolean => afterMs === 25_000 && spreadMs === 8_000;

/** Beside the first wave without a second. */
function mostBesideAlone(cell: Cell): number {
  if (isCoincident(cell)) return 1.3;
  // Whoever finds the vault full has used up a request that nobody gets, a fifth of all: the half is one of the rest.
  if (cell.counts && (cell.spreadMs === 1_000 || cell.spreadMs === 8_000)) return 1.3;
  return isHandover(cell) ? 1.15 : FAIR;
}

/** Beside the oracle: starts that are spread leave unequal shares, and one wave alone takes 1.3 to 1.6 times its floor. */
function mostBesideOracle(cell: Cell): number {
  if (cell.spreadMs <= 500) return isCoincident(cell) ? 1.5 : FAIR;
  if (cell.spreadMs === 1_000) return cell.counts ? 1.75 : 1.5;
  return cell.counts ? 2.1 : 1.9;
}

describe('a second wave of as many, while the first still starts', () => {
  const alone = new Map<string, number>();
  const aloneMs = (spreadMs: number, counts: boolean): number => {
    const key = `${spreadMs} ${counts}`;
    const known = alone.get(key) ?? playOurs(headline({ spreadMs, counts })).lastReadyMs ?? Number.NaN;
    alone.set(key, known);
    return known;
  };

  test.each(cells)(
    'delays the first by no more than its fair share: $afterMs ms after, spread over $spreadMs ms, 429s counted: $counts',
    (cell) => {
      const { afterMs, spreadMs, counts } = cell;
      const result = playOurs(headline({ counts, spreadMs, secondWaveAfterMs: afterMs, capMs: 600_000 }));
      expect(result.ready).toBe(1_000);
      expect(result.firstWaveReadyMs).toHaveLength(500);
      const lastMs = result.firstWaveReadyMs[499];
      const twice = (restMs: number, share = 1) => afterMs + (2 * restMs) / share;
      const restMs = aloneMs(spreadMs, counts) - afterMs;
      expect(lastMs).toBeLessThanOrEqual(mostBesideAlone(cell) * twice(restMs));
      expect(lastMs).toBeLessThanOrEqual(mostBesideOracle(cell) * twice(floorMs(headline({ spreadMs })) - afterMs));
      // Where refused requests count, the vault serves so much less: of what it serves the first has its half.
      const ofServed = isHandover(cell) ? 1.1 : FAIR;
      if (counts) expect(lastMs).toBeLessThanOrEqual(ofServed * twice(restMs, 1 - refusedShare(result)));
      expect(refusedShare(result)).toBeLessThanOrEqual(isCoincident(cell) ? 0.31 : spreadMs === 8_000 ? 0.24 : 0.22);
      expect(result.lastReadyMs ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(1.9 * 80_000);
    },
  );
});
