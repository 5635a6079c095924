import type { Alert, RecordKey, Source, Time } from '../model.ts';
import type { Revision } from '../ports.ts';
import { claimIncident, keyAlert, standingIncidents } from './claim.ts';
import { type ReceiveDeps, timeNow } from './deps.ts';
import { type AssignedAlert, type InboxRecord, KEPT_OF_TOO_LARGE_BYTES, keepDead, keepPayload } from './inbox.ts';
import { inboxKey } from './keys.ts';

/** Alerts in one payload; a sender that groups more must be told to group less. */
const MAX_ALERTS = 1_000;

export type Received =
  | { ok: true; incidents: string[]; alerts: number }
  | { ok: false; error: string; path: string; nextStep?: string };

/**
 * Takes a payload in: keeps it durably, points each alert at its incident, and queues the incidents. Resolves only after
 * all of it is durable. What is not understood is kept too, and answered with the path of the field.
 *
 * Calls the queue and the stores and nothing else: never the vault, a log store or chat.
 *
 * @throws HeadroomError `unavailable` when the store or the queue is down; the sender then tries again
 */
export async function receiveAlerts(
  deps: ReceiveDeps,
  input: { source: Source; body: unknown; raw: Uint8Array },
): Promise<Received> {
  const receivedAt = timeNow(deps.clock);
  const { source, body, raw } = input;
  const parsed = source.parse(body, receivedAt);
  const refused = refusal(parsed);
  if (refused) return refuse(deps, { source: source.name, raw, receivedAt, ...refused });
  const alerts = parsed.ok ? parsed.alerts : [];
  const key = inboxKey(receivedAt, deps.random());
  const kept = await keepPayload(deps, { source: source.name, raw, receivedAt });
  const standing = await assignStanding(deps, alerts);
  if (standing) {
    // Every pointer is there: the record says so from the start, and nothing has to be written twice.
    await deps.records.put<InboxRecord>(key, { ...kept, state: 'received', alerts: standing }, 'absent');
    await enqueue(deps, key, standing);
    return { ok: true, incidents: incidentsOf(standing), alerts: alerts.length };
  }
  const record: InboxRecord = { ...kept, state: 'received' };
  const revision = await deps.records.put<InboxRecord>(key, record, 'absent');
  const assigned = await assignAlerts(deps, { key, record, revision, alerts });
  return { ok: true, incidents: incidentsOf(assigned), alerts: alerts.length };
}

/** Keeps a payload that could not even be parsed. @returns what to answer */
export async function refuse(
  deps: ReceiveDeps,
  input: {
    source: string;
    raw: Uint8Array;
    /** Of the whole body, when `raw` is only its beginning. */
    bytes?: number;
    receivedAt?: Time;
    error: string;
    path: string;
    nextStep?: string;
  },
): Promise<Received> {
  const { source, error, path } = input;
  const bytes = input.bytes ?? input.raw.byteLength;
  const raw = input.raw.subarray(0, KEPT_OF_TOO_LARGE_BYTES);
  const receivedAt = input.receivedAt ?? timeNow(deps.clock);
  await keepDead(deps, { source, raw, bytes, receivedAt, error, path });
  deps.log.warn('payload-refused', { source, bytes, path });
  return { ok: false, error, path, ...(input.nextStep === undefined ? {} : { nextStep: input.nextStep }) };
}

function refusal(parsed: ReturnType<Source['parse']>): { error: string; path: string; nextStep?: string } | undefined {
  if (!parsed.ok) return { error: parsed.error, path: parsed.path };
  if (parsed.alerts.length === 0) return { error: 'the payload holds no alert', path: '' };
  if (parsed.alerts.length > MAX_ALERTS)
    return {
      error: `more than ${MAX_ALERTS} alerts in one payload`,
      path: 'alerts',
      nextStep: 'group by fewer labels',
    };
  return undefined;
}

/** Points each alert at its incident, records that in the inbox, and queues the incidents. Doing it again is harmless. */
export async function assignAlerts(
  deps: ReceiveDeps,
  inbox: { key: RecordKey; record: InboxRecord; revision: Revision | 'conflict'; alerts: readonly Alert[] },
): Promise<AssignedAlert[]> {
  const assigned = await claimAll(deps, inbox.alerts);
  const marked = { ...inbox.record, alerts: assigned };
  await Promise.all([
    inbox.revision === 'conflict' ? undefined : deps.records.put(inbox.key, marked, inbox.revision),
    enqueue(deps, inbox.key, assigned),
  ]);
  return assigned;
}

async function enqueue(deps: ReceiveDeps, inbox: RecordKey, assigned: readonly AssignedAlert[]): Promise<void> {
  await Promise.all(incidentsOf(assigned).map((incidentId) => deps.queue.send({ v: 1, incidentId, inbox })));
}

function incidentsOf(assigned: readonly AssignedAlert[]): string[] {
  return [...new Set(assigned.map((alert) => alert.incidentId))];
}

/** What each alert belongs to, if all of it stands already; null when something is to be claimed. */
async function assignStanding(deps: ReceiveDeps, alerts: readonly Alert[]): Promise<AssignedAlert[] | null> {
  const incidents = await standingIncidents(deps.records, alerts.map(keyAlert));
  return incidents && alerts.map(({ id }, i) => ({ id, incidentId: incidents[i] ?? '' }));
}

/** One claim a fingerprint, all at once; alerts of one fingerprint one after another, oldest first. */
async function claimAll(deps: ReceiveDeps, alerts: readonly Alert[]): Promise<AssignedAlert[]> {
  const groups = Map.groupBy(alerts.map(keyAlert), (keyed) => keyed.fingerprint);
  const claimed = await Promise.all(
    [...groups.values()].map(async (group) => {
      const own: AssignedAlert[] = [];
      for (const keyed of group.toSorted((a, b) => (a.alert.firedAt < b.alert.firedAt ? -1 : 1)))
        own.push({ id: keyed.alert.id, incidentId: await claimIncident(deps.records, keyed) });
      return own;
    }),
  );
  return claimed.flat();
}
