/** True when a request that arrives then is admitted; asked in order of time. */
export type Admission = (timeMs: number) => boolean;

export type AdmissionLimit = {
  max: number;
  windowMs: number;
  countsRefused: boolean;
  /** Whether the window ends now at any moment, or begins anew at full multiples: services do not publish which. */
  shape: 'sliding' | 'fixed';
};

export function createAdmission(limit: AdmissionLimit): Admission {
  return limit.shape === 'sliding' ? slidingAdmission(limit) : fixedAdmission(limit);
}

/** The last `max` counted times are enough: one more fits when the oldest of them has left the window. */
function slidingAdmission({ max, windowMs, countsRefused }: AdmissionLimit): Admission {
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

function fixedAdmission({ max, windowMs, countsRefused }: AdmissionLimit): Admission {
  let windowEndsMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (timeMs) => {
    if (timeMs >= windowEndsMs) {
      windowEndsMs = (Math.floor(timeMs / windowMs) + 1) * windowMs;
      left = max;
    }
    const admitted = left >= 1;
    if (admitted || countsRefused) left--;
    return admitted;
  };
}
