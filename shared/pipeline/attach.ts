import { familyOf } from '../incidents/family.ts';
import { isInScope, relate } from '../incidents/related.ts';
import type { Alert } from '../model.ts';
import type { OpenRecord } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { OPEN_PARTITION } from './keys.ts';
import { revise } from './revise.ts';

const PAGE = 200;

/**
 * Names a provider's event in every open incident of its scope (design §3), and queues those to be brought up to date.
 *
 * @returns true when there is one: the event then needs no message of its own
 */
export async function attachToOpen(deps: WorkDeps, alerts: readonly Alert[]): Promise<boolean> {
  const [event] = alerts;
  if (event?.state !== 'fired' || familyOf(event) !== 'platform') return false;
  let attached = false;
  for (const incidentId of await openIn(deps, event)) {
    const now = timeNow(deps.clock);
    const { after } = await updateIncident(deps, incidentId, (record) => {
      if (!record || !isInScope(event, record)) return record;
      const related = relate(record, event);
      return related === record
        ? record
        : revise(record, related, { policy: deps.policy, destinations: deps.senders, now });
    });
    if (!after || !isInScope(event, after)) continue;
    attached = true;
    await deps.queue.send({ v: 1, incidentId });
  }
  return attached;
}

async function openIn(deps: WorkDeps, event: Alert): Promise<string[]> {
  const found: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<OpenRecord>(OPEN_PARTITION, { limit: PAGE, ...(after ? { after } : {}) });
    for (const { value } of page) {
      if (value.resolvedAt !== undefined || value.scope !== event.resource.scope || value.family === 'platform')
        continue;
      const incident = await readIncident(deps, value.incidentId);
      if (incident && isInScope(event, incident.value)) found.push(value.incidentId);
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return found;
  }
}
