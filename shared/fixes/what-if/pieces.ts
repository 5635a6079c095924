import type { AttemptRow } from '../../evidence/attempts.ts';

/** What one piece of work reads, one after the other: refused for good, it leaves the rest unread. */
export type Piece = {
  /** Mean reads of a piece. */
  reads: number;
  /** From one read to the next, ms: median and ninth decile. */
  stepMs: { p50: number; p90: number };
};

/** From the answer to the next read of the same piece: what takes longer is not told from another piece. */
const LINK_MS = 120;
/** So many times as many reads follow within that time as in as much time after it, or they may be other work by chance. */
const LINKED_FACTOR = 4;
const TRIES_MIN = 40;
/** Below it nearly all pieces read once. */
const READS_MIN = 1.3;
/** Where more of the reads begin before the one before was answered, they are asked at once. */
const AT_ONCE_SHARE = 0.5;

/**
 * How a caller's work reads while nothing of it is refused; null where that cannot be told, or where each read stands alone.
 *
 * @param untilMs of the first refusal, ms after the row's first second
 */
export function pieceOf({ atMs, address, durationMs }: AttemptRow, untilMs: number): Piece | null {
  const open = new Map<number, { atMs: number; doneMs: number }>();
  const stepsMs: number[] = [];
  let tries = 0;
  let atOnce = 0;
  let later = 0;
  for (const [index, at] of atMs.entries()) {
    if (at >= untilMs) break;
    tries++;
    const from = address[index] ?? 0;
    const last = open.get(from);
    if (last !== undefined && at - last.doneMs <= LINK_MS) {
      stepsMs.push(at - last.atMs);
      if (at < last.doneMs) atOnce++;
    } else if (last !== undefined && at - last.doneMs <= 2 * LINK_MS) later++;
    open.set(from, { atMs: at, doneMs: at + (durationMs[index] ?? 0) });
  }
  const pieces = tries - stepsMs.length;
  const reads = tries / Math.max(1, pieces);
  if (tries < TRIES_MIN || reads < READS_MIN || stepsMs.length < LINKED_FACTOR * later) return null;
  if (atOnce > AT_ONCE_SHARE * stepsMs.length) return null;
  stepsMs.sort((a, b) => a - b);
  const quantile = (share: number): number => stepsMs[Math.floor(share * (stepsMs.length - 1))] ?? 0;
  return { reads, stepMs: { p50: quantile(0.5), p90: quantile(0.9) } };
}
