import type { IncidentRecord } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import type { Clock, Records } from '../ports.ts';
import { timeNow } from './deps.ts';
import { watchKey } from './keys.ts';
import { readVersioned } from './versions.ts';
import type { WatchDeps } from './watch.ts';

/** What the settings expect of the canary. */
export type CanaryRules = {
  /** Since it was last seen, or expected first, in milliseconds. */
  lateAfterMs: number;
};

/** An hour between two, and half an hour for the way. */
export const DEFAULT_LATE_AFTER_MS = 90 * 60_000;

/** A canary that a worker has taken in: when it fired and when it was received. */
export type SeenCanary = { incidentId: string; firedAt: Time; receivedAt: Time };

/** `watch/canary`. */
type CanaryRecord = { v: 1; expectedSince: Time; seen?: SeenCanary };

/**
 * `unexpected`: the settings name none. `awaited`: none has come yet, and none is late yet. `late` is said whether one came
 * long ago or never.
 */
export type CanaryState = 'unexpected' | 'awaited' | 'seen' | 'late';

/** The latest canary in an incident of canaries; it has come the whole way by then: received, queued, taken in by a worker. */
export function canaryOf(record: IncidentRecord): SeenCanary | undefined {
  if (record.synthetic !== 'canary') return undefined;
  const fired = record.accepted.filter((alert) => alert.state === 'fired');
  const latest = fired.toSorted((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1))[0];
  return latest && { incidentId: record.id, firedAt: latest.at, receivedAt: latest.receivedAt };
}

/** Remembers the latest canary. */
export async function noteCanary(deps: { records: Records; clock: Clock }, seen: SeenCanary): Promise<void> {
  const stored = await readCanary(deps.records);
  if ((stored?.value.seen?.receivedAt ?? '') >= seen.receivedAt) return;
  const expectedSince = stored?.value.expectedSince ?? timeNow(deps.clock);
  await deps.records.put<CanaryRecord>(KEY, { v: 1, expectedSince, seen }, stored?.revision ?? 'absent');
}

/** Begins to expect the canary, at the first run, and sets it off where it does not fire by itself. */
export async function setOffCanary(deps: WatchDeps, signal: AbortSignal): Promise<Record<string, never>> {
  if (!deps.canary) return {};
  const now = timeNow(deps.clock);
  if (!(await readCanary(deps.records)))
    await deps.records.put<CanaryRecord>(KEY, { v: 1, expectedSince: now }, 'absent');
  await deps.canaryAlarm?.setOff(now, signal);
  return {};
}

/** How the canary is doing, and how long ago the last one was received, in milliseconds; null before the first. */
export async function readCanaryState(
  deps: { records: Records; clock: Clock },
  rules: CanaryRules | undefined,
): Promise<{ state: CanaryState; ageMs: number | null }> {
  if (!rules) return { state: 'unexpected', ageMs: null };
  const stored = await readCanary(deps.records);
  if (!stored) return { state: 'awaited', ageMs: null };
  const { seen, expectedSince } = stored.value;
  const nowMs = deps.clock.now();
  const isLate = nowMs - Date.parse(seen?.receivedAt ?? expectedSince) > rules.lateAfterMs;
  const ageMs = seen ? nowMs - Date.parse(seen.receivedAt) : null;
  return { state: isLate ? 'late' : seen ? 'seen' : 'awaited', ageMs };
}

const KEY = watchKey('canary');

async function readCanary(records: Records) {
  const stored = await records.get<CanaryRecord>(KEY);
  return stored && { ...stored, value: readVersioned('the record of the canary', stored.value) };
}

/** Whether no canary is late; for `/api/health`, which gives no detail. */
export async function isCanaryInTime(
  deps: { records: Records; clock: Clock },
  rules: CanaryRules | undefined,
): Promise<boolean> {
  return (await readCanaryState(deps, rules)).state !== 'late';
}
