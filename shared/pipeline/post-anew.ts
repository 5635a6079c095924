import { tryAnew } from '../incidents/effects.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Effect } from '../model.ts';
import type { Queue } from '../ports.ts';
import type { OpenRecord } from './claim.ts';
import type { ReceiveDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { OPEN_PARTITION } from './keys.ts';
import { readVersioned } from './versions.ts';

/** Looked at on the request path; what is open beyond them is posted with its next change. */
const LOOKED_AT_MAX = 500;
const AT_ONCE = 16;

/**
 * Tries again what a platform refused to post of incidents that are open, and to edit of any: by the name of the platform's
 * destinations (`teams-bot`, and each `teams-bot:…`). Done twice it is done once.
 *
 * @returns how many incidents were queued
 */
export async function postAnew(
  deps: Pick<ReceiveDeps, 'records' | 'clock' | 'random'> & { queue: Pick<Queue, 'send'> },
  kind: string,
): Promise<number> {
  const pointers = await deps.records.list<OpenRecord>(OPEN_PARTITION, { limit: LOOKED_AT_MAX });
  const ids = pointers.map(({ id, value }) => readVersioned(`pointer ${id}`, value).incidentId);
  let queued = 0;
  for (let index = 0; index < ids.length; index += AT_ONCE) {
    const some = ids.slice(index, index + AT_ONCE);
    const done = await Promise.all(some.map((id) => postOneAnew(deps, id, kind)));
    queued += done.filter(Boolean).length;
  }
  return queued;
}

async function postOneAnew(deps: Parameters<typeof postAnew>[0], incidentId: string, kind: string): Promise<boolean> {
  const stored = await readIncident(deps, incidentId);
  if (!stored?.value.effects.some((effect) => isRefused(stored.value, effect, kind))) return false;
  const { before, after } = await updateIncident(deps, incidentId, (record) => {
    if (!record?.effects.some((effect) => isRefused(record, effect, kind))) return record;
    const effects = record.effects.map((effect) => (isRefused(record, effect, kind) ? tryAnew(effect) : effect));
    return { ...record, effects };
  });
  if (after === before) return false;
  await deps.queue.send({ v: 1, incidentId });
  return true;
}

/** What is over, and was never told, is not told now. */
function isRefused({ lifecycle }: IncidentRecord, effect: Effect, kind: string): boolean {
  if (effect.state !== 'failed' || effect.kind !== 'denied' || effect.key.split(':', 1)[0] !== kind) return false;
  return lifecycle.state === 'open' || effect.delivered !== undefined;
}
