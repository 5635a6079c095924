import type { Limit } from './limit.ts';

const STORE = {
  service: 'app-configuration',
  weight: 1,
  countsRefused: false,
  scope: 'resource',
  source: 'https://learn.microsoft.com/azure/azure-app-configuration/faq',
  readOn: '2026-11-21',
} as const;

const DAY_S = 86_400;
const HOUR_S = 3_600;

/**
 * App Configuration, per store, by its tier: `requests` is the quota of an hour or day, `read` and `write` the run rate
 * that a tier allows. The premium tier has no quota; free and developer stores are promised no rate. Whether refused
 * requests count is not said.
 */
export const APP_CONFIGURATION: readonly Limit[] = [
  { ...STORE, class: 'requests', tier: 'free', windowSeconds: DAY_S, max: 1_000 },
  { ...STORE, class: 'requests', tier: 'developer', windowSeconds: HOUR_S, max: 6_000 },
  { ...STORE, class: 'requests', tier: 'standard', windowSeconds: HOUR_S, max: 30_000 },
  { ...STORE, class: 'read', tier: 'standard', windowSeconds: 1, max: 300 },
  { ...STORE, class: 'write', tier: 'standard', windowSeconds: 1, max: 60 },
  { ...STORE, class: 'read', tier: 'premium', windowSeconds: 1, max: 450 },
  { ...STORE, class: 'write', tier: 'premium', windowSeconds: 1, max: 100 },
];

/** What the providers take when nothing is said. @see https://learn.microsoft.com/azure/azure-app-configuration/reference-javascript-provider */
const USUAL_REFRESH_S = 30;
/** Half of the standard tier's hour is left to starts and to whatever else asks. */
const REFRESHES_PER_HOUR = 15_000;
/** Intervals that people choose. */
const REFRESHES_S = [60, 120, 300, 600, 900, 1_800, HOUR_S] as const;

/** How often so many instances may each ask a store whether anything has changed, s: longer than what they do by default. */
export function refreshSecondsFor(instances: number): number {
  const needed = (Math.max(1, instances) * HOUR_S) / REFRESHES_PER_HOUR;
  return REFRESHES_S.find((each) => each >= needed && each > USUAL_REFRESH_S) ?? HOUR_S;
}
