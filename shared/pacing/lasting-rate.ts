/**
 * The rate of a process with more work than a start can be: additive increase and multiplicative decrease, which
 * converges to equal rates. Requests a window; pure arithmetic.
 *
 * @see Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance" (1989)
 */
const CUT = 0.8;
const INCREASE = 0.25; // requests a window, each window
const GROWTH = 0.03; // and this part of the rate, each window
const LEAST = 0.25; // one request in 4 windows

/** After a request was served. */
export function raiseRate(perWindow: number): number {
  if (perWindow < 1) return Math.min(1, 1 / Math.max(1, 1 / perWindow - 1));
  return perWindow + INCREASE / perWindow + GROWTH;
}

/** After one was refused. */
export function cutRate(perWindow: number): number {
  if (perWindow > 1) return Math.max(1, perWindow * CUT);
  return Math.max(LEAST, 1 / (1 / perWindow + 1));
}
