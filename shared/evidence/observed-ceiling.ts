import type { TimelineRow } from './timeline.ts';

export type Ceiling = { median: number; p10: number; p90: number };

/** Fewer windows than this say nothing (field-notes 8). */
const WINDOWS_MIN = 3;

/**
 * What the service was seen to serve while it refused: served requests of the sliding windows that lie wholly inside
 * unbroken refusals of at least one window's length. Null with fewer than three such windows. The maximum would overstate
 * the limit up to twice if the service counts in fixed windows, hence the median.
 */
export function observedCeiling(
  rows: readonly TimelineRow[],
  operationClass: string,
  windowSeconds: number,
): Ceiling | null {
  const series = (outcome: TimelineRow['outcome']): readonly number[] =>
    rows.find((row) => row.class === operationClass && row.outcome === outcome)?.perSecond ?? [];
  const served = series('served');
  const windows: number[] = [];
  let unbroken = 0;
  for (const [second, refused] of series('refused').entries()) {
    unbroken = refused > 0 ? unbroken + 1 : 0;
    if (unbroken < windowSeconds) continue;
    windows.push(served.slice(second - windowSeconds + 1, second + 1).reduce((sum, count) => sum + count, 0));
  }
  if (windows.length < WINDOWS_MIN) return null;
  windows.sort((a, b) => a - b);
  const at = (share: number): number => windows[Math.round(share * (windows.length - 1))] ?? 0;
  return { median: at(0.5), p10: at(0.1), p90: at(0.9) };
}
