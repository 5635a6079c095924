/** Chosen on the whole matrix of bench/fleet with several seeds each, on no single case. @see bench/RESULTS.md */
const WINDOWS = 1.2; // before the first try that is drawn
const BACKOFF = 1.7;
const MAX_WINDOWS = 2;
const SWING = 0.5; // of the wait is drawn: enough that those who were refused together come apart, and nobody waits twice as long
const AGE_WINDOWS = 3; // who has waited longer than this goes before who has come,
const AGE_MOST = 3; // at most so many times as often
const YOUNG = 1.2; // who has had nothing yet waits this much longer
const PATIENCE = 6; // refused more often than this, the wait grows on, so that no storm lasts

/** A process that holds no place in the window, and when it was last refused. */
export type Knocker = {
  /** Refused in a row, at least 1. */
  refusals: number;
  /** Whether anything was served since its work began. */
  wasServed: boolean;
  /** How long it had been busy when it was last refused, in windows. */
  ageWindows: number;
  /** Uniform in [0, 1), the same until it is refused again. */
  draw: number;
};

/** How long after the last refusal a process without a place tries again, in windows. */
export function knockAfterWindows({ refusals, wasServed, ageWindows, draw }: Knocker): number {
  const again = Math.max(0, refusals - 1);
  // Who was refused at first comes back just when that request, if it was counted, falls out of the window.
  if (again === 0 && !wasServed) return 1;
  const wait = Math.min(MAX_WINDOWS, WINDOWS * BACKOFF ** again) * (1 - SWING / 2 + SWING * draw);
  const storm = Math.max(1, again / PATIENCE);
  const age = Math.min(AGE_MOST, Math.max(1, ageWindows / AGE_WINDOWS));
  return (wait * storm * (wasServed ? 1 : YOUNG)) / age;
}
