/** What commands show of other parts of the house, which they may not import. */

/** @see `SecretStats` of `headroom/secrets`, whose `stats()` gives this */
export type SecretStats = {
  hits: number;
  misses: number;
  coalesced: number;
  stale: number;
  throttled: number;
  failures: number;
  inFlight: number;
  cached: number;
  vaults: Record<string, { ratePerSecond: number | null; breaker: 'closed' | 'open' | 'half-open' }>;
};

export type CheckResult = { name: string } & (
  | { ok: true; detail: string }
  | { ok: false; problem: string; nextStep: string }
);
