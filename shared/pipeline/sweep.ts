import { isHeadroomError } from '../errors.ts';
import { decideOutcomes, LONE_AFTER_MS } from '../incidents/outcome.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { RecordKey, Time } from '../model.ts';
import type { Revision, Stored } from '../ports.ts';
import type { OpenRecord } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { alertsOf, type InboxRecord } from './inbox.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { inboxPartition, OPEN_PARTITION, openKey, watchKey } from './keys.ts';
import { assignAlerts } from './receive.ts';

const PAGE = 200;
const HOUR_MS = 3_600_000;

/** How far back the inbox is looked through when nothing is remembered: longer than any queue keeps a message. */
const FIRST_SWEEP_MS = 24 * HOUR_MS;

/** Records that are not taken for long are remembered one by one, so that they do not hold the sweep up. */
const MAX_STUCK = 200;

/** Where the next sweep begins: everything before it is taken, dead, or in `stuck`. */
type SweepMark = { v: 1; time: Time; after?: string; stuck: RecordKey[] };

/** A pointer of an incident that ended this long ago is no longer watched; receive makes a new one when needed. */
const POINTER_KEPT_MS = 24 * HOUR_MS;

export type Swept = { inboxRequeued: number; incidentsRequeued: number; loneSettled: number };

/** Takes up what a dead process left: received payloads never taken in, effects never sent, runs never made. */
export async function sweep(deps: WorkDeps): Promise<Swept> {
  const inboxRequeued = await sweepInbox(deps);
  const incidents = await sweepIncidents(deps);
  return { inboxRequeued, ...incidents };
}

async function sweepInbox(deps: WorkDeps): Promise<number> {
  const nowMs = deps.clock.now();
  const oldEnough = new Date(nowMs - deps.timing.sweepAfterMs).toISOString();
  const markKey = watchKey('sweep');
  const remembered = await deps.records.get<SweepMark>(markKey);
  const mark: SweepMark = remembered?.value ?? {
    v: 1,
    time: new Date(nowMs - FIRST_SWEEP_MS).toISOString(),
    stuck: [],
  };
  const stuck: RecordKey[] = [];
  let requeued = 0;
  for (const key of mark.stuck) {
    const stored = await deps.records.get<InboxRecord>(key);
    if (stored?.value.state !== 'received') continue;
    stuck.push(key);
    requeued += await requeue(deps, key, stored);
  }
  const at: Omit<SweepMark, 'v' | 'stuck'> =
    mark.after === undefined ? { time: mark.time } : { time: mark.time, after: mark.after };
  walk: for (;;) {
    const partition = inboxPartition(at.time);
    const page = await deps.records.list<InboxRecord>(partition, {
      limit: PAGE,
      ...(at.after === undefined ? {} : { after: at.after }),
    });
    for (const stored of page) {
      if (stored.id.startsWith('dead~')) continue;
      if (stored.value.receivedAt > oldEnough) break walk;
      if (stored.value.state === 'received') {
        const key = { partition, id: stored.id };
        if (stuck.length < MAX_STUCK) stuck.push(key);
        requeued += await requeue(deps, key, stored);
      }
      at.after = stored.id;
    }
    if (page.length === PAGE) continue;
    const nextHour = new Date(Math.floor(Date.parse(at.time) / HOUR_MS) * HOUR_MS + HOUR_MS).toISOString();
    if (nextHour > oldEnough) break;
    at.time = nextHour;
    delete at.after;
  }
  await deps.records.put<SweepMark>(markKey, { v: 1, ...at, stuck }, remembered?.revision ?? 'absent');
  return requeued;
}

/** Points its alerts at incidents again (the same ones) and queues those that have not taken theirs. */
async function requeue(deps: WorkDeps, key: RecordKey, stored: Stored<InboxRecord>): Promise<number> {
  const record = stored.value;
  if (record.state !== 'received') return 0;
  if (!record.alerts) return assignAgain(deps, key, record, stored.revision);
  const open = new Set(record.alerts.map((alert) => alert.incidentId).filter((id) => !record.taken?.includes(id)));
  for (const incidentId of open) await deps.queue.send({ v: 1, incidentId, inbox: key });
  return open.size;
}

/** A payload that can no longer be read is laid aside, where it is listed; the sweep would meet it for ever. */
async function assignAgain(deps: WorkDeps, key: RecordKey, record: InboxRecord, revision: Revision): Promise<number> {
  try {
    const alerts = await alertsOf(deps.payloads, deps.sources, key, record);
    await assignAlerts(deps, { key, record, revision, alerts });
    return 1;
  } catch (error) {
    if (!isHeadroomError(error) || (error.kind !== 'invalid' && error.kind !== 'not-found')) throw error;
    const { v, source, receivedAt, hash, bytes } = record;
    const dead: InboxRecord = { v, source, receivedAt, hash, bytes, state: 'dead', error: error.message, path: '' };
    await deps.records.put<InboxRecord>(key, { ...record, ...dead }, revision);
    return 0;
  }
}

async function sweepIncidents(deps: WorkDeps): Promise<Omit<Swept, 'inboxRequeued'>> {
  const swept = { incidentsRequeued: 0, loneSettled: 0 };
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<OpenRecord>(OPEN_PARTITION, { limit: PAGE, ...(after ? { after } : {}) });
    for (const pointer of page) await sweepIncident(deps, pointer, swept);
    after = page.at(-1)?.id;
    if (page.length < PAGE) return swept;
  }
}

async function sweepIncident(
  deps: WorkDeps,
  pointer: Stored<OpenRecord>,
  swept: Omit<Swept, 'inboxRequeued'>,
): Promise<void> {
  const { incidentId, resolvedAt } = pointer.value;
  const stored = await readIncident(deps, incidentId);
  if (!stored) return;
  const nowMs = deps.clock.now();
  if (hasOverdue(stored.value, nowMs, deps.timing.sweepAfterMs)) {
    await deps.queue.send({ v: 1, incidentId, ...overdueRun(stored.value, nowMs, deps.timing.sweepAfterMs) });
    swept.incidentsRequeued += 1;
  }
  if (hasLone(stored.value, nowMs)) swept.loneSettled += await settleLone(deps, incidentId);
  if (resolvedAt !== undefined && nowMs - Date.parse(resolvedAt) > POINTER_KEPT_MS && isQuiet(stored.value, nowMs))
    await deps.records.delete(openKey(pointer.id), pointer.revision);
}

/** Nothing was heard of it for as long either: a pointer is not taken away under an alert that has just come. */
function isQuiet(record: IncidentRecord, nowMs: number): boolean {
  return record.accepted.every((alert) => nowMs - Date.parse(alert.receivedAt) > POINTER_KEPT_MS);
}

/** An effect or a diagnosis that nobody seems to be working on any more. */
function hasOverdue(record: IncidentRecord, nowMs: number, sweepAfterMs: number): boolean {
  const old = new Date(nowMs - sweepAfterMs).toISOString();
  const undelivered = record.effects.some(
    (effect) =>
      (effect.state === 'sending' && effect.until <= old) ||
      (effect.state === 'pending' && (effect.notBefore ?? record.ledger.at(-1)?.at ?? old) <= old),
  );
  const undiagnosed = record.diagnosing
    ? record.diagnosing.until <= old
    : record.diagnosedAt === undefined && record.effects.length > 0 && (record.ledger.at(-1)?.at ?? old) <= old;
  return undelivered || undiagnosed || overdueRun(record, nowMs, sweepAfterMs).runMinutes !== undefined;
}

function overdueRun(record: IncidentRecord, nowMs: number, sweepAfterMs: number): { runMinutes?: number } {
  const first = record.ledger.find((line) => line.step === 'diagnosed');
  if (!first) return {};
  const late = record.runs.planned.find(
    (minutes) => !record.runs.done.includes(minutes) && Date.parse(first.at) + minutes * 60_000 + sweepAfterMs <= nowMs,
  );
  return late === undefined ? {} : { runMinutes: late };
}

function hasLone(record: IncidentRecord, nowMs: number): boolean {
  return record.accepted.some(
    (alert) => alert.outcome === undefined && nowMs - Date.parse(alert.receivedAt) >= LONE_AFTER_MS,
  );
}

/** A Resolved whose Fired never came is counted, not posted. */
async function settleLone(deps: WorkDeps, incidentId: string): Promise<number> {
  const now = timeNow(deps.clock);
  const { after } = await updateIncident(deps, incidentId, (record) =>
    record ? decideOutcomes(record, { now, inMaintenance: false, destinations: [] }) : record,
  );
  return after ? 1 : 0;
}
