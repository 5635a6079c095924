import type { Random } from '../../ports.ts';

/** Reproducible randomness: the same load and the same fix always give the same prediction. */
export function reproducible(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Shares of 0..1 that cover it ever more densely: the outcome to expect of a spread by chance, without its luck. */
export function evenly(): () => number {
  let share = 0;
  return () => {
    share = (share + GOLDEN) % 1;
    return share;
  };
}
