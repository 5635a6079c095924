import type { IncidentRecord } from '../incidents/record.ts';
import type { Records, Stored } from '../ports.ts';
import type { WorkDeps } from './deps.ts';
import { readIncident } from './incidents.ts';
import {
  alertKey,
  alertPartition,
  auditPartition,
  auditTimeOf,
  incidentKey,
  incidentPartition,
  indexKey,
  indexPartition,
  stormPartition,
  watchKey,
} from './keys.ts';
import { unlessUnreadable } from './unless-unreadable.ts';

/** Incidents, their list and which alert went where (design §11); DynamoDB does the same by its time to live. */
const INCIDENT_DAYS = 400;

const DAY_MS = 86_400_000;
const PAGE = 200;

/** Days looked through at the first run of an installation that is older than this job. */
const FIRST_DAYS = 60;

/** Incidents taken away in one run, each with its alerts; the rest waits for the next. */
const MAX_INCIDENTS = 200;

export type ExpiredIncidents = { incidentsExpired: number; alertsExpired: number };

/** `watch/incident-expiry`: the day that comes next, and where the walk through the alerts goes on. */
type ExpiryMark = { v: 1; day: string; alerts: AlertPlace };

/** `nth`: 0..255, the partition of alerts. */
type AlertPlace = { nth: number; after?: string };

/**
 * Deletes incidents that nothing was heard of for 400 days, day by day of their list, and the records that lead to them. An
 * incident that is still alive moves on in the list to the day it was heard of last, and is met again 400 days after that.
 */
export async function expireIncidents(deps: WorkDeps, signal?: AbortSignal): Promise<ExpiredIncidents> {
  const key = watchKey('incident-expiry');
  const mark = await deps.records.get<ExpiryMark>(key);
  const endMs = Math.floor(deps.clock.now() / DAY_MS) * DAY_MS - INCIDENT_DAYS * DAY_MS;
  let dayMs = mark ? Date.parse(mark.value.day) : endMs - FIRST_DAYS * DAY_MS;
  let incidentsExpired = 0;
  for (; dayMs < endMs; dayMs += DAY_MS) {
    const partition = indexPartition(new Date(dayMs).toISOString());
    const day = await expireDay(deps, partition, MAX_INCIDENTS - incidentsExpired, signal);
    incidentsExpired += day.expired;
    if (!day.isEmpty) break;
  }
  const { alertsExpired, next: alerts } = await expireStrayAlerts(deps, mark?.value.alerts ?? { nth: 0 }, signal);
  const day = new Date(dayMs).toISOString().slice(0, 10);
  await deps.records.put<ExpiryMark>(key, { v: 1, day, alerts }, mark?.revision ?? 'absent');
  return { incidentsExpired, alertsExpired };
}

async function expireDay(
  deps: WorkDeps,
  partition: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<{ expired: number; isEmpty: boolean }> {
  let expired = 0;
  let after: string | undefined;
  for (;;) {
    const page = await deps.records.list<{ incidentId: string }>(partition, {
      limit: PAGE,
      ...(after ? { after } : {}),
    });
    for (const row of page) {
      signal?.throwIfAborted();
      if (expired === limit) return { expired, isEmpty: false };
      after = row.id;
      await unlessUnreadable(deps, `incident ${row.value.incidentId}`, async () => {
        if (await expireRow(deps, partition, row)) expired += 1;
      });
    }
    if (page.length < PAGE) return { expired, isEmpty: true };
  }
}

/** @returns true when the incident was taken away, false when it is still alive */
async function expireRow(deps: WorkDeps, partition: string, row: Stored<{ incidentId: string }>): Promise<boolean> {
  const { incidentId } = row.value;
  const record = (await readIncident(deps, incidentId))?.value;
  const heardAt = record && lastHeardOf(record);
  const isAlive = heardAt !== undefined && deps.clock.now() - Date.parse(heardAt) < INCIDENT_DAYS * DAY_MS;
  if (isAlive) await deps.records.put(indexKey(heardAt, incidentId), { v: 1, incidentId }, 'absent');
  else await takeAway(deps.records, incidentId, record);
  await deps.records.delete({ partition, id: row.id }, row.revision);
  return !isAlive;
}

function lastHeardOf(record: IncidentRecord): string {
  return [record.openedAt, ...record.accepted.map(({ receivedAt }) => receivedAt)].toSorted().at(-1) ?? record.openedAt;
}

/**
 * The alerts that it still names, the members of a storm, and all that stands under its id, also where its record is gone
 * already.
 */
async function takeAway(records: Records, incidentId: string, record: IncidentRecord | undefined): Promise<void> {
  for (const { id } of record?.accepted ?? []) {
    const stored = await records.get<{ incidentId: string }>(alertKey(id));
    if (stored?.value.incidentId === incidentId) await records.delete(alertKey(id), stored.revision);
  }
  await emptyPartition(records, stormPartition(incidentId));
  await emptyPartition(records, incidentPartition(incidentId));
}

async function emptyPartition(records: Records, partition: string): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await records.list(partition, { limit: PAGE, ...(after ? { after } : {}) });
    for (const row of page) {
      await keepAudit(records, row);
      await records.delete({ partition, id: row.id }, row.revision);
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

/** Who did what is kept for ever: by its day, where it is found without the incident. Moved twice it is the same. */
async function keepAudit(records: Records, { id, value }: Stored<unknown>): Promise<void> {
  const at = auditTimeOf(id);
  if (at !== null) await records.put({ partition: auditPartition(at), id }, value, 'absent');
}

/** Alerts beyond those that an incident names one by one: what leads to no incident any more goes, a page a run. */
async function expireStrayAlerts(
  deps: WorkDeps,
  { nth, after }: AlertPlace,
  signal: AbortSignal | undefined,
): Promise<{ alertsExpired: number; next: AlertPlace }> {
  const partition = alertPartition(nth);
  const page = await deps.records.list<{ incidentId: string }>(partition, { limit: PAGE, ...(after ? { after } : {}) });
  let alertsExpired = 0;
  for (const { id, value, revision } of page) {
    signal?.throwIfAborted();
    if (await deps.records.get(incidentKey(value.incidentId))) continue;
    await deps.records.delete({ partition, id }, revision);
    alertsExpired += 1;
  }
  const last = page.at(-1)?.id;
  const next = page.length < PAGE || last === undefined ? { nth: (nth + 1) % 256 } : { nth, after: last };
  return { alertsExpired, next };
}
