import type { Destination } from '../incidents/effects.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import { type AuditDeps, audited, type Person } from './audit.ts';
import { syncPointer } from './claim.ts';
import { type Policy, type ReceiveDeps, timeNow } from './deps.ts';
import { updateIncident } from './incidents.ts';
import { revise } from './revise.ts';

export type MarkDeps = AuditDeps &
  Pick<ReceiveDeps, 'queue'> & {
    policy: Policy;
    /** Where messages stand, which then have to be brought up to date. */
    destinations: readonly Destination[];
  };

export type Marking = {
  action: string;
  incidentId: string;
  detail?: string;
  /** Pure: the incident as the person wants it, or itself where that changes nothing. */
  change(record: IncidentRecord, now: Time): IncidentRecord;
};

/**
 * Changes an incident on behalf of a person: audited, its message brought up to date by the queue. Asking twice changes
 * nothing the second time.
 */
export async function markIncident(
  deps: MarkDeps,
  person: Person,
  marking: Marking,
): Promise<{ changed: boolean; after: IncidentRecord | null }> {
  const { incidentId, change } = marking;
  return audited(deps, person, marking, async () => {
    const now = timeNow(deps.clock);
    const { before, after } = await updateIncident(deps, incidentId, (record) => {
      const changed = record && change(record, now);
      if (!record || !changed || changed === record) return record;
      const over = record.lifecycle.state === 'open' && changed.lifecycle.state === 'resolved';
      const noted = over ? withLedger(changed, { at: now, step: 'resolved', note: 'person' }) : changed;
      return revise(record, noted, { policy: deps.policy, destinations: deps.destinations, now, byPerson: true });
    });
    if (!after || after === before) return { changed: false, after };
    if (after.lifecycle.state === 'resolved') await syncPointer(deps.records, after);
    await deps.queue.send({ v: 1, incidentId });
    return { changed: true, after };
  });
}
