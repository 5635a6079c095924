import type { CallerRow } from '../evidence/callers.ts';
import { firstPerSecond, slidingPeak } from './lane.ts';
import type { Storm } from './storm.ts';
import { total } from './storm.ts';
import { isTroubled } from './verdict.ts';

/** When the busiest window was this share of today's before as well, it is how the caller always is, not what changed. */
const ALWAYS_SHARE = 0.8;
/** The climb begins when a caller asks for this many times its usual. */
const CLIMBS_FACTOR = 2;
const WINDOW_S = 10;

/** Whether the caller was as busy before, at a time when nobody was refused. */
export function wasAlways({ baseline }: Storm, caller: CallerRow): boolean {
  const usual = baseline?.byCaller.get(caller.caller);
  return (
    usual !== undefined && baseline !== null && !isTroubled(baseline) && usual.peak10s >= ALWAYS_SHARE * caller.peak10s
  );
}

/**
 * The second in which a caller first asked for clearly more of these classes than usual; of one who was not there before, the
 * second in which it came. The first refusal where no baseline says what is usual, and never later than it.
 */
export function climbOf(storm: Storm, { caller }: CallerRow, onsetSecond: number, classes?: readonly string[]): number {
  if (storm.baseline === null) return onsetSecond;
  const rows = storm.load.filter(
    (line) => line.caller === caller && (classes === undefined || classes.includes(line.class)),
  );
  const [row] = rows;
  if (row === undefined) return onsetSecond;
  const first = firstPerSecond(rows);
  const usual = storm.baseline.byCaller.get(caller)?.peak10s ?? 0;
  const before = slidingPeak(first.slice(0, Math.max(0, onsetSecond - row.fromSecond)), WINDOW_S);
  // A caller that was there before and stays near its usual until the first refusal did not climb.
  if (usual > 0 && before <= CLIMBS_FACTOR * usual) return onsetSecond;
  const climbs = first.findIndex(
    (_, second) => total(first.slice(Math.max(0, second - WINDOW_S + 1), second + 1)) > CLIMBS_FACTOR * usual,
  );
  return climbs < 0 ? onsetSecond : Math.min(onsetSecond, row.fromSecond + climbs);
}
