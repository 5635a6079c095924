export const CALLERS_MAX = 20;
export const CHAIN_BINS = 20;
export const GOES_ON_WITHIN_US = 30_000_000;
/** A pair first seen this early in the log was being read before it, so its first sight is no miss. */
export const WARM_UP_S = 60;
/** A caller with this many times more challenges than starting addresses, and at least so many, shares its addresses. */
export const SHARED_FACTOR = 2;
export const SHARED_MIN = 10;
export const TTLS_S = [60, 300, 1800, 3600] as const;

/** What is counted second by second. */
export const COUNTS = [
  'first',
  'retry',
  'served',
  'refused',
  'uncacheable',
  ...TTLS_S.map((ttl) => `miss${ttl}`),
  'sessionStart',
] as const;
