import type { IncidentRecord } from '../incidents/record.ts';
import type { Delivery, Incident, LedgerEntry, Outcome, PayloadRef, RecordKey, Time } from '../model.ts';
import type { Clock, Records } from '../ports.ts';
import type { InboxRecord } from './inbox.ts';
import { readIncident } from './incidents.ts';
import { alertKey, inboxPartition, indexPartition } from './keys.ts';

export type ReadDeps = { records: Records; clock: Clock };

/** An incident as `GET /api/incidents/{id}` shows it. */
export type IncidentView = Incident & {
  delivery: Delivery;
  ledger: LedgerEntry[];
  alerts: { id: string; state: string; at: Time; receivedAt: Time; outcome: Outcome | 'undecided' }[];
  /** Accepted earlier than those listed, by outcome. */
  alertsEarlier: Partial<Record<Outcome, number>>;
};

/** A line of `GET /api/incidents`. */
export type IncidentLine = {
  id: string;
  state: 'open' | 'resolved';
  resource: string;
  family: string;
  severity: number;
  openedAt: Time;
  resolvedAt?: Time;
  delivery: Delivery;
  cause?: string;
  alerts: number;
  synthetic?: string;
  /** Of a storm: how many incidents its one message tells of. */
  incidents?: number;
  /** Storms that tell of it instead of a message of its own. */
  summarisedIn?: string[];
};

const DAY_MS = 86_400_000;

/** Days looked through for a list; an older incident is found by its id. */
const LISTED_DAYS = 31;
const PAGE = 200;
/** Hours of the inbox read at the same time: two weeks have 337 of them, and a page may hold 8 MB of payloads. */
const HOURS_AT_ONCE = 8;
/** Incidents read at the same time: somebody waits for the list, and each is a call to the store. */
const READ_AT_ONCE = 20;

/** The furthest that the incident has come. */
export function deliveryOf(record: IncidentRecord): Delivery {
  const steps = new Set(record.ledger.map((line) => line.step));
  const posted = steps.has('posted') || record.effects.some((effect) => effect.delivered !== undefined);
  if (posted && record.diagnosedAt !== undefined) return 'diagnosed';
  if (posted) return 'posted';
  return steps.has('claimed') ? 'claimed' : 'received';
}

export function viewOf(record: IncidentRecord): IncidentView {
  const { episode: _episode, rules: _rules, accepted, acceptedEarlier, ...shown } = record;
  const {
    contentHash: _hash,
    runs: _runs,
    diagnosedSignals: _signals,
    diagnosing: _diagnosing,
    glancedAt: _glancedAt,
    history: _history,
    look: _look,
    ...incident
  } = shown;
  return {
    ...incident,
    delivery: deliveryOf(record),
    alerts: accepted.map(({ id, state, at, receivedAt, outcome }) => ({
      id,
      state,
      at,
      receivedAt,
      outcome: outcome ?? 'undecided',
    })),
    alertsEarlier: acceptedEarlier,
  };
}

export function lineOf(record: IncidentRecord): IncidentLine {
  const cause = record.findings.find(({ verdict }) => verdict === 'confirmed' || verdict === 'likely');
  return {
    id: record.id,
    state: record.lifecycle.state,
    resource: record.resource.name,
    family: record.family,
    severity: record.severity,
    openedAt: record.openedAt,
    ...(record.lifecycle.state === 'resolved' ? { resolvedAt: record.lifecycle.at } : {}),
    delivery: deliveryOf(record),
    ...(cause ? { cause: cause.kind } : {}),
    alerts: record.accepted.length + Object.values(record.acceptedEarlier).reduce((sum, count) => sum + count, 0),
    ...(record.synthetic ? { synthetic: record.synthetic } : {}),
    ...(record.storm ? { incidents: record.storm.incidents } : {}),
    ...(record.summarisedIn ? { summarisedIn: [...new Set(Object.values(record.summarisedIn))] } : {}),
  };
}

/**
 * @param incidentId as it was typed or sent: what can be no id is looked for nowhere
 * @returns null when there is no such incident
 */
export async function getIncident(deps: ReadDeps, incidentId: string): Promise<IncidentRecord | null> {
  if (!/^[a-z2-7]{8}$/.test(incidentId)) return null;
  return (await readIncident(deps, incidentId))?.value ?? null;
}

export type ListRequest = { state?: 'open' | 'resolved'; limit: number; after?: string; alert?: string };

/**
 * Incidents, newest first by when they were first heard of, from the last 31 days.
 *
 * @param request.limit 1..100
 * @param request.after the `next` of the page before
 */
export async function listIncidents(
  deps: ReadDeps,
  request: ListRequest,
): Promise<{ incidents: IncidentRecord[]; next?: string }> {
  if (request.alert !== undefined) return { incidents: await byAlert(deps, request.alert) };
  const found: IncidentRecord[] = [];
  const cursor = readCursor(request.after);
  for (let back = 0; back < LISTED_DAYS; back += 1) {
    const partition = indexPartition(new Date(deps.clock.now() - back * DAY_MS).toISOString());
    if (cursor && partition > cursor.partition) continue;
    let after = cursor?.partition === partition ? cursor.id : undefined;
    for (;;) {
      const page = await deps.records.list<{ incidentId: string }>(partition, {
        limit: PAGE,
        ...(after ? { after } : {}),
      });
      const atOnce = Math.min(READ_AT_ONCE, request.limit);
      for (let from = 0; from < page.length; from += atOnce) {
        const rows = page.slice(from, from + atOnce);
        const records = await Promise.all(rows.map(({ value }) => getIncident(deps, value.incidentId)));
        for (const [index, row] of rows.entries()) {
          after = row.id;
          const record = records[index];
          if (!record || (request.state && record.lifecycle.state !== request.state)) continue;
          found.push(record);
          if (found.length === request.limit) return { incidents: found, next: `${partition}~${row.id}` };
        }
      }
      if (page.length < PAGE) break;
    }
  }
  return { incidents: found };
}

function readCursor(after: string | undefined): RecordKey | undefined {
  const match = /^(index\/\d{4}-\d\d-\d\d)~(\d{14}~[a-z2-7]{8})$/.exec(after ?? '');
  return match?.[1] !== undefined && match[2] !== undefined ? { partition: match[1], id: match[2] } : undefined;
}

async function byAlert(deps: ReadDeps, alertId: string): Promise<IncidentRecord[]> {
  const stored = await deps.records.get<{ incidentId: string }>(alertKey(alertId));
  const record = stored && (await getIncident(deps, stored.value.incidentId));
  return record ? [record] : [];
}

/** What was received and what became of it, newest first: for `replay --list`. */
export type InboxLine = { key: RecordKey; payload: PayloadRef } & Pick<
  InboxRecord,
  'source' | 'receivedAt' | 'state'
> & {
    error?: string;
    path?: string;
    incidents: string[];
  };

/**
 * @param hours how many hours back, 1..336; the clock hour in which they begin is read whole
 * @param limit 1..1000
 */
export async function listInbox(
  deps: ReadDeps,
  request: { hours: number; limit: number; state?: InboxRecord['state'] },
): Promise<InboxLine[]> {
  const now = deps.clock.now();
  const partitions = Array.from({ length: request.hours + 1 }, (_, back) =>
    inboxPartition(new Date(now - back * 3_600_000).toISOString()),
  );
  const lines: InboxLine[] = [];
  for (let from = 0; from < partitions.length && lines.length < request.limit; from += HOURS_AT_ONCE) {
    const together = partitions.slice(from, from + HOURS_AT_ONCE);
    const hours = await Promise.all(together.map((partition) => hourOf(deps, partition, request.state)));
    for (const hour of hours) lines.push(...hour.sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1)));
  }
  return lines.slice(0, request.limit);
}

/** The whole hour: its newest records stand last, and dead letters after them. */
async function hourOf(
  deps: ReadDeps,
  partition: string,
  state: InboxRecord['state'] | undefined,
): Promise<InboxLine[]> {
  const lines: InboxLine[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<InboxRecord>(partition, { limit: PAGE, ...(after ? { after } : {}) });
    for (const { id, value } of page)
      if (state === undefined || value.state === state) lines.push(inboxLine({ partition, id }, value));
    after = page.at(-1)?.id;
    if (page.length < PAGE) return lines;
  }
}

function inboxLine(key: RecordKey, inbox: InboxRecord): InboxLine {
  const { source, receivedAt, state, hash, bytes, truncated } = inbox;
  return {
    key,
    source,
    receivedAt,
    state,
    payload: { hash, bytes, inbox: key, ...(truncated ? { truncated } : {}) },
    ...(inbox.state === 'dead' ? { error: inbox.error, path: inbox.path } : {}),
    incidents: inbox.state === 'dead' ? [] : [...new Set((inbox.alerts ?? []).map((alert) => alert.incidentId))],
  };
}
