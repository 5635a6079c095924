import { HeadroomError } from '../errors.ts';
import { incidentIdOf } from '../incidents/fingerprint.ts';
import type { Time } from '../model.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { gateKey } from './keys.ts';
import { readVersioned } from './versions.ts';

/** `storm-gate/<destination>`. While a storm goes on nobody writes it: five hundred workers would write one record. */
type GateRecord = {
  v: 1;
  /** Incidents that were let through within the last minute, with when, epoch milliseconds. */
  recent: [incidentId: string, atMs: number][];
  storm?: { id: string; since: Time };
};

const WINDOW_MS = 60_000;

/** Each conflict is another incident that opened; more of them than may open in a minute end in a storm, which needs no write. */
const TRIES = 1_200;
const CONFLICT_PAUSE_MS = 20;

/**
 * Whether a new incident gets a message of its own at a destination: as many a minute as the settings say (`storm.perMinute`),
 * and then all of them together in the summary of a storm, until it is calm. Asked again for the same incident within the
 * minute, the answer is the same.
 *
 * @returns the id of the storm that tells of it, or null: it tells of itself
 */
export async function admit(deps: WorkDeps, incidentId: string, destination: string): Promise<string | null> {
  const { stormPerMinute } = deps.policy;
  if (stormPerMinute === null) return null;
  const key = gateKey(destination);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await deps.records.get<GateRecord>(key);
    const gate: GateRecord = stored ? readVersioned(`storm gate ${destination}`, stored.value) : { v: 1, recent: [] };
    if (gate.recent.some(([id]) => id === incidentId)) return null;
    if (gate.storm) return gate.storm.id;
    const nowMs = deps.clock.now();
    const recent = gate.recent.filter(([, atMs]) => nowMs - atMs < WINDOW_MS);
    const next: GateRecord =
      recent.length < stormPerMinute
        ? { v: 1, recent: [...recent, [incidentId, nowMs]] }
        : {
            v: 1,
            recent,
            storm: { id: incidentIdOf(`storm ${destination} ${nowMs}`, incidentId), since: timeNow(deps.clock) },
          };
    if ((await deps.records.put(key, next, stored?.revision ?? 'absent')) !== 'conflict') return next.storm?.id ?? null;
    await deps.clock.sleep(deps.random() * CONFLICT_PAUSE_MS);
  }
  throw new HeadroomError('unavailable', `the storm gate of ${destination} is changed faster than it can be written`);
}

/** New incidents at the destination are told one by one again, if this storm still goes on there. */
export async function endStorm(deps: Pick<WorkDeps, 'records'>, destination: string, stormId: string): Promise<void> {
  const key = gateKey(destination);
  for (;;) {
    const stored = await deps.records.get<GateRecord>(key);
    if (stored?.value.storm?.id !== stormId) return;
    if ((await deps.records.put<GateRecord>(key, { v: 1, recent: [] }, stored.revision)) !== 'conflict') return;
  }
}
