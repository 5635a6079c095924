/** True when a request of that weight (1 is the lightest) that arrives then is admitted; asked in order of time. */
export type Admission = (timeMs: number, weight: number) => boolean;

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
  return (timeMs, weight) => {
    const slots = Math.min(weight, counted.length);
    const youngest = counted[(next + slots - 1) % counted.length] ?? Number.NEGATIVE_INFINITY;
    const admitted = youngest <= timeMs - windowMs;
    if (admitted || countsRefused)
      for (let slot = 0; slot < slots; slot++) {
        counted[next] = timeMs;
        next = next + 1 === counted.length ? 0 : next + 1;
      }
    return admitted;
  };
}

function fixedAdmission({ max, windowMs, countsRefused }: AdmissionLimit): Admission {
  let windowEndsMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (timeMs, weight) => {
    if (timeMs >= windowEndsMs) {
      windowEndsMs = (Math.floor(timeMs / windowMs) + 1) * windowMs;
      left = max;
    }
    const admitted = left >= Math.min(weight, max);
    if (admitted || countsRefused) left -= weight;
    return admitted;
  };
}
