import { climb } from '../../callers/work.ts';
import { between, logarithmic } from '../../random.ts';
import type { Draw } from '../part.ts';
import type { CorpusStage } from '../stage.ts';

/** Requests of one part at its peak: enough to see it, few enough to read five hundred logs. */
const PEAK_REQUESTS_MAX = 22_000;

export type WorkLoad = { usualShare: number; climbMs: number; holdMs: number; peakPerSecond: number };

/** How a load that comes with work climbs over `peakPerSecond` requests and falls back; steady loads climb little. */
export function drawWorkLoad({ random, isLong, retry }: Draw, peakPerSecond: number, isSteady: boolean): WorkLoad {
  // Retries that were drawn for the case multiply what is asked.
  const longestMs = (1000 * PEAK_REQUESTS_MAX) / peakPerSecond / (retry === null ? 1 : 2);
  return {
    peakPerSecond,
    usualShare: isSteady ? between(random, 0.3, 0.55) : logarithmic(random, 0.005, isLong ? 0.015 : 0.06),
    climbMs: Math.min(longestMs / 2, logarithmic(random, 1_000, 120_000)),
    holdMs: Math.min(longestMs * 0.7, between(random, 20_000, 150_000)),
  };
}

/** Pieces of work a second, of which each asks `requestsEach` times; on a calm day as usual all day. */
export function piecesOf(
  load: WorkLoad,
  stage: CorpusStage,
  onsetMs: number,
  requestsEach: number,
): { perSecond: (timeMs: number) => number; peakPerSecond: number } {
  const peak = load.peakPerSecond / requestsEach;
  const usual = peak * load.usualShare;
  return {
    peakPerSecond: peak,
    perSecond: stage.calm ? () => usual : climb({ usual, peak, onsetMs, climbMs: load.climbMs, holdMs: load.holdMs }),
  };
}

export function lastsMs(draw: Draw, load: WorkLoad): number {
  return draw.offsetMs + load.climbMs + load.holdMs;
}

export function shown(load: WorkLoad): Record<string, number> {
  const { peakPerSecond, usualShare, climbMs, holdMs } = load;
  return {
    peakPerSecond: Math.round(peakPerSecond),
    usualShare: Number(usualShare.toFixed(3)),
    climbSeconds: Math.round(climbMs / 1000),
    holdSeconds: Math.round(holdMs / 1000),
  };
}
