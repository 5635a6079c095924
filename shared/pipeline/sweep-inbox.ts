import type { RecordKey, Time } from '../model.ts';
import type { Stored } from '../ports.ts';
import type { WorkDeps } from './deps.ts';
import { type InboxRecord, readAlerts } from './inbox.ts';
import { DEAD_PREFIX, inboxPartition, watchKey } from './keys.ts';
import { assignAlerts } from './receive.ts';
import { unlessUnreadable } from './unless-unreadable.ts';
import { readVersioned } from './versions.ts';

const PAGE = 200;
const HOUR_MS = 3_600_000;

/** How far back the inbox is looked through when nothing is remembered: longer than any queue keeps a message. */
const FIRST_SWEEP_MS = 24 * HOUR_MS;

/** A payload that nobody could take in for as long stays where it is listed, and is no longer tried. */
const GIVEN_UP_AFTER_MS = 24 * HOUR_MS;

/** Records that are not taken for long are remembered one by one, so that they do not hold the sweep up. */
const MAX_STUCK = 200;

/** Where the next sweep begins: everything before it is taken, dead, or in `stuck`. */
type SweepMark = { v: 1; time: Time; after?: string; stuck: RecordKey[] };

/** @returns incidents that were queued for payloads that they have not taken in */
export async function sweepInbox(deps: WorkDeps, signal?: AbortSignal): Promise<number> {
  const nowMs = deps.clock.now();
  const remembered = await deps.records.get<SweepMark>(watchKey('sweep'));
  const mark: SweepMark = remembered?.value ?? {
    v: 1,
    time: new Date(nowMs - FIRST_SWEEP_MS).toISOString(),
    stuck: [],
  };
  let requeued = 0;
  const stuck: RecordKey[] = [];
  const take = (key: RecordKey, stored: Stored<InboxRecord> | null): Promise<void> => {
    signal?.throwIfAborted();
    return unlessUnreadable(deps, `inbox record ${key.id}`, async () => {
      if (stored?.value.state !== 'received') return;
      if (nowMs - Date.parse(stored.value.receivedAt) > GIVEN_UP_AFTER_MS)
        return deps.log.error('inbox-given-up', { partition: key.partition, inbox: key.id });
      if (stuck.length < MAX_STUCK) stuck.push(key);
      requeued += await requeue(deps, key, { ...stored, value: readVersioned('an inbox record', stored.value) });
    });
  };
  for (const key of mark.stuck) await take(key, await deps.records.get<InboxRecord>(key));
  const oldEnough = new Date(nowMs - deps.timing.sweepAfterMs).toISOString();
  const reached = await walkInbox(deps, mark, oldEnough, take);
  await deps.records.put<SweepMark>(watchKey('sweep'), { v: 1, ...reached, stuck }, remembered?.revision ?? 'absent');
  return requeued;
}

type Place = Pick<SweepMark, 'time' | 'after'>;

/** Goes through the hours from a place on, record by record. @returns the place where the next walk begins */
async function walkInbox(
  deps: WorkDeps,
  from: Place,
  oldEnough: Time,
  visit: (key: RecordKey, stored: Stored<InboxRecord>) => Promise<void>,
): Promise<Place> {
  let at: Place = from.after === undefined ? { time: from.time } : { time: from.time, after: from.after };
  for (;;) {
    const partition = inboxPartition(at.time);
    const after = at.after === undefined ? {} : { after: at.after };
    const page = await deps.records.list<InboxRecord>(partition, { limit: PAGE, ...after });
    // Dead letters stand after all others of their hour.
    const living = page.filter(({ id }) => !id.startsWith(DEAD_PREFIX));
    for (const stored of living) {
      if (stored.value.receivedAt > oldEnough) return at;
      await visit({ partition, id: stored.id }, stored);
      at = { ...at, after: stored.id };
    }
    if (living.length === PAGE) continue;
    const nextHour = new Date(Math.floor(Date.parse(at.time) / HOUR_MS) * HOUR_MS + HOUR_MS).toISOString();
    if (nextHour > oldEnough) return at;
    at = { time: nextHour };
  }
}

/** Points its alerts at incidents again (the same ones) and queues those that have not taken theirs. */
async function requeue(deps: WorkDeps, key: RecordKey, stored: Stored<InboxRecord>): Promise<number> {
  const record = stored.value;
  if (record.state !== 'received') return 0;
  if (!record.alerts) return assignAgain(deps, key, stored);
  const open = new Set(record.alerts.map((alert) => alert.incidentId).filter((id) => !record.taken?.includes(id)));
  for (const incidentId of open) await deps.queue.send({ v: 1, incidentId, inbox: key });
  return open.size;
}

async function assignAgain(deps: WorkDeps, key: RecordKey, stored: Stored<InboxRecord>): Promise<number> {
  const alerts = await readAlerts(deps, key, stored);
  if (alerts === null) return 0;
  const assigned = await assignAlerts(deps, { key, record: stored.value, revision: stored.revision, alerts });
  return new Set(assigned.map(({ incidentId }) => incidentId)).size;
}
