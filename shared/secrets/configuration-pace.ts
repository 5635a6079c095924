import type { Random } from '../pacing/random.ts';

/** Requests by tier. @see https://learn.microsoft.com/azure/azure-app-configuration/faq */
export const APP_CONFIGURATION_QUOTAS = {
  free: { requests: 1_000, windowSeconds: 86_400 },
  standard: { requests: 30_000, windowSeconds: 3_600 },
} as const;

export const MIN_REFRESH_INTERVAL_MS = 30_000;
export const MAX_REFRESH_INTERVAL_MS = 1_800_000;
const SHRINK = 0.9;
const JITTER = 0.2;

export type ConfigurationPace = {
  /** Wait before the next refresh, ms. */
  nextMs(): number;
  /** @param requests how many requests the refresh took; at least 1 */
  succeeded(requests: number): void;
  /** @param retryAfterMs what the store asked for; null when it said nothing */
  throttled(retryAfterMs: number | null): void;
  failed(): void;
};

/**
 * How often to ask App Configuration whether anything changed. With `fleetSize` the fleet stays below half the Standard
 * quota; without it the interval doubles on each 429 and shrinks slowly.
 */
export function createConfigurationPace(options: {
  random: Random;
  refreshIntervalMs: number | undefined;
  fleetSize: number | undefined;
}): ConfigurationPace {
  const { random, fleetSize } = options;
  const asked = Math.max(MIN_REFRESH_INTERVAL_MS, options.refreshIntervalMs ?? MIN_REFRESH_INTERVAL_MS);
  const quota = APP_CONFIGURATION_QUOTAS.standard;
  // Half the quota in requests an hour, shared by the fleet: 0.24 s an instance and request.
  const perRequestMs = fleetSize === undefined ? 0 : (fleetSize * quota.windowSeconds * 1_000) / (quota.requests / 2);
  let stretched = 0;
  let requests = 1;
  let atLeast = 0;

  const base = (): number => Math.max(asked, perRequestMs * requests);
  return {
    nextMs() {
      const interval = Math.max(Math.min(stretched, Math.max(base(), MAX_REFRESH_INTERVAL_MS)), base());
      const wait = Math.max(interval * (1 + random() * JITTER), atLeast);
      atLeast = 0;
      return wait;
    },
    succeeded(took) {
      requests = Math.max(1, took);
      stretched *= SHRINK;
    },
    throttled(retryAfterMs) {
      stretched = Math.min(MAX_REFRESH_INTERVAL_MS, Math.max(stretched, base()) * 2);
      atLeast = Math.min(retryAfterMs ?? 0, MAX_REFRESH_INTERVAL_MS);
    },
    failed() {
      // An outage is no reason to ask more often, nor, so that recovery is quick, much less often.
    },
  };
}
