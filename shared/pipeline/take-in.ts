import { acceptAlert, belongs, joinElsewhere, openIncident, overSince } from '../incidents/accept.ts';
import { type IncidentRecord, isPosted, withLedger } from '../incidents/record.ts';
import { isToldAnew } from '../incidents/storm.ts';
import type { Alert, IncidentMessage, RecordKey } from '../model.ts';
import type { Stored } from '../ports.ts';
import { attachToOpen } from './attach.ts';
import { claimIncident, keyAlert, syncPointer } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { type InboxRecord, readAlerts, readInbox } from './inbox.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { alertKey, indexKey } from './keys.ts';
import { assignAlerts } from './receive.ts';
import { revise } from './revise.ts';
import { type Turn, turnOf } from './second-region.ts';
import { summarise, tellStorms } from './storm.ts';

/**
 * Takes the alerts of one inbox record into the incident that the message names. Everything here can be done twice: alerts
 * are known by their ids, and each later write is a put-if-absent or a compare-and-set.
 *
 * Nothing is done when the record is gone or can no longer be read, or when this incident has taken its alerts in already.
 *
 * @returns the incident as it was left; null when nothing was done
 */
export async function takeIn(
  deps: WorkDeps,
  message: IncidentMessage & { inbox: RecordKey },
): Promise<IncidentRecord | null> {
  const { incidentId, inbox: key } = message;
  const stored = await readInbox(deps.records, key);
  if (!stored || stored.value.state === 'dead' || stored.value.taken?.includes(incidentId)) return null;
  const alerts = await readAlerts(deps, key, stored);
  if (alerts === null) return null;
  const assigned =
    stored.value.alerts ?? (await assignAlerts(deps, { key, record: stored.value, revision: stored.revision, alerts }));
  const ours = new Set(assigned.filter((alert) => alert.incidentId === incidentId).map((alert) => alert.id));
  const mine = await notTakenElsewhere(
    deps,
    incidentId,
    alerts.filter((alert) => ours.has(alert.id)),
  );
  const turn = await turnOf(deps, (await knownIn(deps, incidentId)) ?? null, mine);
  if (turn.whose === 'nobody') {
    await deps.queue.send(message, { delayMs: turn.waitMs });
    return null;
  }
  const attached = (await attachToOpen(deps, mine)) || turn.whose === 'theirs';
  const { before, after, strays } = await accept(deps, incidentId, mine, { attached, turn });
  const kept = mine.filter((alert) => !strays.includes(alert));
  if (after) await followUp(deps, before, after, kept);
  const owners = await moveOn(deps, key, strays);
  // Opened again by another worker meanwhile: what was a stray is its own after all, and a message comes for it.
  if (!owners.has(incidentId)) await markTaken(deps, key, incidentId, stored);
  return after;
}

/** A sender's late repeat of an alert of the incident before this one has its outcome there already. */
async function notTakenElsewhere(deps: WorkDeps, incidentId: string, alerts: readonly Alert[]): Promise<Alert[]> {
  const owners = await Promise.all(alerts.map((alert) => deps.records.get<AlertRecord>(alertKey(alert.id))));
  return alerts.filter((_alert, i) => (owners[i]?.value.incidentId ?? incidentId) === incidentId);
}

async function accept(
  deps: WorkDeps,
  incidentId: string,
  alerts: readonly Alert[],
  { attached, turn }: { attached: boolean; turn: Turn },
): Promise<{ before: IncidentRecord | null; after: IncidentRecord | null; strays: Alert[] }> {
  let strays: Alert[] = [];
  const now = timeNow(deps.clock);
  let summarisedIn: Record<string, string> | undefined;
  const { before, after } = await updateIncident(deps, incidentId, async (record) => {
    strays = [];
    let next = record;
    for (const alert of alerts) {
      if (next && !belongs(next, alert)) strays.push(alert);
      else if (next && isTheirs(next, turn)) next = joinElsewhere(next, alert);
      else next = acceptAlert(next ?? open(deps, incidentId, alert), alert);
    }
    if (next === null || next === record) return next;
    const claimed = record === null ? withLedger(next, { at: now, step: 'claimed', note: deps.worker }) : next;
    const { policy, senders } = deps;
    const turned = withRegion(withTurns(record, claimed, now), turn);
    const context = { policy, destinations: senders, now, attached };
    const told = revise(record, turned, context);
    if (!isPosted(told) || (record && isPosted(record))) return told;
    // About to be told for the first time: by itself, or in a storm that goes on.
    summarisedIn ??= await summarise(deps, told);
    return Object.keys(summarisedIn).length === 0 ? told : revise(record, { ...turned, summarisedIn }, context);
  });
  return { before, after, strays };
}

function open(deps: WorkDeps, incidentId: string, alert: Alert): IncidentRecord {
  const readBack = deps.readBacks?.some(({ source }) => source === alert.source) ?? false;
  return openIncident(incidentId, alert, { verified: deps.policy.verifies(alert.resource), readBack });
}

/** Only a second region has to look first at what stands. */
async function knownIn(deps: WorkDeps, incidentId: string): Promise<IncidentRecord | undefined> {
  return deps.firstRegion ? (await readIncident(deps, incidentId))?.value : undefined;
}

function withRegion(record: IncidentRecord, turn: Turn): IncidentRecord {
  const { secondRegion: known } = record;
  if (turn.whose !== 'ours' || (known !== undefined && known.mergedInto === undefined)) return record;
  // What was merged is this region's again: the first is gone once more, or its peer no longer.
  const secondRegion = turn.secondRegion ?? (known && { why: known.why });
  return secondRegion ? { ...record, secondRegion } : record;
}

function isTheirs({ secondRegion }: IncidentRecord, turn: Turn): boolean {
  return turn.whose === 'theirs' && secondRegion?.mergedInto !== undefined;
}

/** Notes in the ledger that the incident was resolved, or opened again. */
function withTurns(before: IncidentRecord | null, after: IncidentRecord, now: string): IncidentRecord {
  if (!before || before.lifecycle.state === after.lifecycle.state) return after;
  const step = after.lifecycle.state === 'resolved' ? 'resolved' : 'reopened';
  return withLedger(after, {
    at: now,
    step,
    ...(after.lifecycle.state === 'resolved' ? { note: after.lifecycle.by } : {}),
  });
}

/** `alert/…`: which incident took the alert in. */
type AlertRecord = { v: 1; incidentId: string };

/**
 * What others find the incident by: the alert's id, the day's index, the pointer's resolve time, the storms that tell of it.
 * What this change does not touch was written by whoever made it; had that one died before, its message comes again, and
 * then changes nothing but follows up all of it.
 */
async function followUp(
  deps: WorkDeps,
  before: IncidentRecord | null,
  record: IncidentRecord,
  alerts: readonly Alert[],
): Promise<void> {
  const again = before === record;
  const firstReceived = record.ledger[0]?.at ?? record.openedAt;
  await Promise.all([
    ...alerts.map((alert) =>
      deps.records.put<AlertRecord>(alertKey(alert.id), { v: 1, incidentId: record.id }, 'absent'),
    ),
    before && !again
      ? undefined
      : deps.records.put(indexKey(firstReceived, record.id), { v: 1, incidentId: record.id }, 'absent'),
    before && !again && overSince(before) === overSince(record) ? undefined : syncPointer(deps.records, record),
    before && !again && !isToldAnew(before, record) ? undefined : tellStorms(deps, record),
  ]);
}

/** Alerts that turned out to begin a new episode: pointed at its incident and queued for it. @returns those incidents */
async function moveOn(deps: WorkDeps, key: RecordKey, strays: readonly Alert[]): Promise<Set<string>> {
  const owners = new Set<string>();
  for (const alert of strays) {
    const incidentId = await claimIncident(deps.records, keyAlert(alert), true);
    await reassign(deps, key, alert.id, incidentId);
    await deps.queue.send({ v: 1, incidentId, inbox: key });
    owners.add(incidentId);
  }
  return owners;
}

async function reassign(deps: WorkDeps, key: RecordKey, alertId: string, incidentId: string): Promise<void> {
  await updateInbox(deps, key, (inbox) =>
    inbox.state === 'dead' || !inbox.alerts
      ? inbox
      : {
          ...inbox,
          state: 'received',
          taken: (inbox.taken ?? []).filter((id) => id !== incidentId),
          alerts: inbox.alerts.map((alert) => (alert.id === alertId ? { ...alert, incidentId } : alert)),
        },
  );
}

/** The inbox record is done with once every incident it names has taken its alerts in. */
async function markTaken(deps: WorkDeps, key: RecordKey, incidentId: string, read: Stored<InboxRecord>): Promise<void> {
  const mark = (inbox: InboxRecord): InboxRecord => {
    if (inbox.state !== 'received' || !inbox.alerts) return inbox;
    const taken = [...new Set([...(inbox.taken ?? []), incidentId])];
    const all = inbox.alerts.every((alert) => taken.includes(alert.incidentId));
    return all ? { ...inbox, alerts: inbox.alerts, taken, state: 'taken' } : { ...inbox, taken };
  };
  await updateInbox(deps, key, mark, read);
}

const TRIES = 20;

/** @param read as it stood a moment ago, which saves reading it again unless it has changed */
async function updateInbox(
  deps: WorkDeps,
  key: RecordKey,
  apply: (inbox: InboxRecord) => InboxRecord,
  read?: Stored<InboxRecord>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored =
      tries === 0 && read?.value.state === 'received' && read.value.alerts ? read : await readInbox(deps.records, key);
    if (!stored) return;
    const next = apply(stored.value);
    if (next === stored.value) return;
    if ((await deps.records.put(key, next, stored.revision)) !== 'conflict') return;
  }
}
