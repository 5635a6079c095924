import type { Random } from '../pacing/random.ts';

/** Requests by tier. @see https://learn.microsoft.com/azure/azure-app-configuration/faq */
const APP_CONFIGURATION_QUOTAS = {
  free: { requests: 1_000, windowSeconds: 86_400 },
  standard: { requests: 30_000, windowSeconds: 3_600 },
} as const;

const MIN_REFRESH_INTERVAL_MS = 30_000;
const MAX_REFRESH_INTERVAL_MS = 1_800_000;
const SHRINK = 0.9;
const JITTER = 0.2;
/** Of what was served while the quota was full: the rest is for those who come, and for what jitter makes uneven. */
const SAFE_SHARE = 0.8;
/** Fewer requests tell more of a process that has just started than of its share. */
const SHARE_LEAST_REQUESTS = 3;
/** So long after the last refusal the share may have grown, and is looked for anew. */
const SHARE_HOLDS_MS = 7 * 86_400_000;
/** Slow, so that only the first who come too near are refused. */
const FORGET = 0.98;

export type ConfigurationPace = {
  /** Wait before the next refresh, ms. */
  nextMs(): number;
  /** @param requests how many requests the refresh took; at least 1 */
  succeeded(requests: number, now: number): void;
  /** @param retryAfterMs what the store asked for; null when it said nothing */
  throttled(retryAfterMs: number | null, now: number): void;
  failed(): void;
};

/**
 * How often to ask App Configuration whether anything changed. With `fleetSize` the fleet stays below half the Standard
 * quota. Without it the interval doubles on each 429 and shrinks slowly, not below the share that this process had of the
 * last hour when the quota was found full: all such shares together are the quota.
 */
export function createConfigurationPace(options: {
  random: Random;
  refreshIntervalMs: number | undefined;
  fleetSize: number | undefined;
}): ConfigurationPace {
  const { random, fleetSize } = options;
  const asked = Math.max(MIN_REFRESH_INTERVAL_MS, options.refreshIntervalMs ?? MIN_REFRESH_INTERVAL_MS);
  const quota = APP_CONFIGURATION_QUOTAS.standard;
  const windowMs = quota.windowSeconds * 1_000;
  // Half the quota in requests an hour, shared by the fleet: 0.24 s an instance and request.
  const hintedMs = fleetSize === undefined ? 0 : (fleetSize * windowMs) / (quota.requests / 2);
  let learntMs = 0; // for each request, from the last time the quota was found full
  let stretched = 0;
  let requests = 1;
  let atLeast = 0;
  let refusedAt = Number.NEGATIVE_INFINITY;
  let served: { at: number; requests: number }[] = []; // within the window

  const least = (): number => Math.max(asked, hintedMs * requests);
  const base = (): number => Math.max(least(), Math.min(learntMs * requests, MAX_REFRESH_INTERVAL_MS));
  const servedInWindow = (now: number): number => {
    served = served.filter(({ at }) => at > now - windowMs);
    return served.reduce((sum, entry) => sum + entry.requests, 0);
  };
  return {
    nextMs() {
      const interval = Math.max(Math.min(stretched, Math.max(base(), MAX_REFRESH_INTERVAL_MS)), base());
      const wait = Math.max(interval * (1 + random() * JITTER), atLeast);
      atLeast = 0;
      return wait;
    },
    succeeded(took, now) {
      requests = Math.max(1, took);
      servedInWindow(now);
      served.push({ at: now, requests });
      stretched *= SHRINK;
      if (now - refusedAt > SHARE_HOLDS_MS) learntMs *= FORGET;
    },
    throttled(retryAfterMs, now) {
      stretched = Math.min(MAX_REFRESH_INTERVAL_MS, Math.max(stretched, base()) * 2);
      atLeast = Math.min(retryAfterMs ?? 0, MAX_REFRESH_INTERVAL_MS);
      // Only the first refusal tells the share: whoever is refused is served less from then on.
      const share = servedInWindow(now);
      if (now - refusedAt > windowMs && share >= SHARE_LEAST_REQUESTS) learntMs = windowMs / (SAFE_SHARE * share);
      refusedAt = now;
    },
    failed() {
      // An outage is no reason to ask more often, nor, so that recovery is quick, much less often.
    },
  };
}
