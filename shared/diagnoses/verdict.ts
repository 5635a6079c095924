import type { Verdict } from '../model.ts';
import type { Baseline } from './storm.ts';

/** Above this share of refused requests the baseline was no normal state either. */
const TROUBLED_SHARE = 0.01;

/** Confirmed needs a clear case and a normal state to hold it against; without a baseline it is at most likely. */
export function verdictFor(clear: boolean, baseline: Baseline | null): Verdict {
  return clear && baseline !== null && !isTroubled(baseline) ? 'confirmed' : 'likely';
}

/** Whether the baseline was throttled as well. */
export function isTroubled(baseline: Baseline): boolean {
  return baseline.refused > TROUBLED_SHARE * Math.max(1, baseline.requests);
}

/** 0..1: how far a measure is past its threshold, full at `full`. */
export function margin(value: number, threshold: number, full: number): number {
  if (full === threshold) return value >= full ? 1 : 0;
  return Math.min(1, Math.max(0, (value - threshold) / (full - threshold)));
}

/** From the margins of a cause: 0.6 when each only just passes, 0.95 when all are full. */
export function confidenceOf(margins: readonly number[]): number {
  const mean = margins.reduce((sum, value) => sum + value, 0) / Math.max(1, margins.length);
  return Math.round((0.6 + 0.35 * mean) * 100) / 100;
}
