import { HeadroomError } from '../errors.ts';
import { fitRecord } from '../incidents/fit-record.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Stored } from '../ports.ts';
import type { ReceiveDeps } from './deps.ts';
import { incidentKey } from './keys.ts';
import { readVersioned } from './versions.ts';

/** Conflicts on one incident before giving the queue message back: each conflict is another worker's progress. */
const TRIES = 60;
const CONFLICT_PAUSE_MS = 20;

/** @returns null when there is no such incident */
export async function readIncident(
  deps: Pick<ReceiveDeps, 'records'>,
  incidentId: string,
): Promise<Stored<IncidentRecord> | null> {
  const stored = await deps.records.get<IncidentRecord>(incidentKey(incidentId));
  return stored && { ...stored, value: readVersioned(`incident ${incidentId}`, stored.value) };
}

/**
 * Loads the incident, applies a transition (pure, save for what it has to ask others) and puts it with the revision it was read at; on conflict loads and applies
 * again. A transition that gives back what it was given writes nothing.
 *
 * @param apply given null when there is no such incident; gives null to leave it so
 * @throws HeadroomError `unavailable` when conflicts do not end
 */
export async function updateIncident(
  deps: Pick<ReceiveDeps, 'records' | 'clock' | 'random'>,
  incidentId: string,
  apply: (record: IncidentRecord | null) => IncidentRecord | null | Promise<IncidentRecord | null>,
): Promise<{ before: IncidentRecord | null; after: IncidentRecord | null }> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await readIncident(deps, incidentId);
    const before = stored?.value ?? null;
    const after = await apply(before);
    if (after === null || after === before) return { before, after };
    const result = await deps.records.put(incidentKey(incidentId), fitRecord(after), stored?.revision ?? 'absent');
    if (result !== 'conflict') return { before, after };
    await deps.clock.sleep(deps.random() * CONFLICT_PAUSE_MS);
  }
  throw new HeadroomError('unavailable', `incident ${incidentId} is changed faster than it can be written`, {
    nextStep: 'it is tried again from the queue',
  });
}
