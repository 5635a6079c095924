/** True when a request that arrives then is admitted; asked in order of time. */
export type Admission = (timeMs: number) => boolean;

/**
 * A limit that slides: at most `max` counted requests in any `windowMs`. Whether the service slides or counts in fixed
 * windows is not published; sliding refuses no less than fixed.
 *
 * The last `max` counted times are enough: one more fits when the oldest of them has left the window.
 */
export function slidingAdmission(max: number, windowMs: number, countsRefused: boolean): Admission {
  const counted = new Float64Array(Math.max(1, Math.floor(max))).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  return (timeMs) => {
    const admitted = (counted[next] ?? Number.NEGATIVE_INFINITY) <= timeMs - windowMs;
    if (admitted || countsRefused) {
      counted[next] = timeMs;
      next = (next + 1) % counted.length;
    }
    return admitted;
  };
}
