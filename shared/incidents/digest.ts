import { createHash } from 'node:crypto';
import { momentOf, offsetMs } from '../config/time-zone.ts';
import type { BusyLine, DigestCounts, DigestSummary, Time, ToldLine } from '../model.ts';
import { incidentIdOf } from './fingerprint.ts';
import { isWeakOnly } from './noise.ts';
import { type IncidentRecord, isPosted, newRecord } from './record.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** When people begin their week, by the clocks of the settings: Monday at nine. */
const DUE_LOCAL_MS = 9 * 3_600_000;
const LINES_MAX = 20;

/** The week that the latest digest tells of: from one Monday at nine to the next, by the clocks of the zone. */
export function digestWeek(at: Time, timeZone: string): { from: Time; to: Time } {
  const atMs = Date.parse(at);
  const localMs = atMs + offsetMs(atMs, timeZone);
  const todayMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  const sinceMonday = (new Date(todayMs).getUTCDay() + 6) % 7;
  const dueMs = todayMs - sinceMonday * DAY_MS + DUE_LOCAL_MS;
  const lastMs = dueMs <= localMs ? dueMs : dueMs - WEEK_MS;
  const moment = (local: number): Time => new Date(momentOf(local, timeZone)).toISOString();
  return { from: moment(lastMs - WEEK_MS), to: moment(lastMs) };
}

/** Whether the incident belongs into the week's digest: heard of within it, or busy since before and still so. */
function isOfWeek(record: IncidentRecord, { from, to }: { from: Time; to: Time }): boolean {
  const heardAt = record.accepted[0]?.receivedAt ?? record.openedAt;
  if (record.synthetic !== undefined || record.storm || record.digest || heardAt >= to) return false;
  return heardAt >= from || (isWeakOnly(record.signals) && record.lifecycle.state === 'open');
}

/**
 * What the week's digest says; null where nothing came.
 *
 * @param unread incidents of the week that are not among the records
 */
export function summariseWeek(
  records: readonly IncidentRecord[],
  week: { from: Time; to: Time },
  unread = 0,
): DigestSummary | null {
  const { counts } = emptyWeek(week);
  const busy: BusyLine[] = [];
  const told: ToldLine[] = [];
  for (const record of records) {
    if (!isOfWeek(record, week)) continue;
    const became = outcomeOf(record);
    counts[became] += 1;
    if (became === 'busy') busy.push(busyLine(record));
    if (became === 'told') told.push(toldLine(record));
  }
  if (Object.values(counts).every((count) => count === 0)) return null;
  return {
    ...week,
    counts,
    busy: busy.toSorted((a, b) => b.alerts - a.alerts || order(a.resource.id, b.resource.id)).slice(0, LINES_MAX),
    told: told.toSorted((a, b) => a.severity - b.severity || order(a.incidentId, b.incidentId)).slice(0, LINES_MAX),
    unread,
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A digest that tells of nothing, as it is routed. */
export function emptyWeek(week: { from: Time; to: Time }): DigestSummary {
  const counts: DigestCounts = { told: 0, storm: 0, busy: 0, silenced: 0, nowhere: 0, lone: 0 };
  return { ...week, counts, busy: [], told: [], unread: 0 };
}

/** What became of an incident, of several the most that people were told. */
function outcomeOf(record: IncidentRecord): keyof DigestCounts {
  if (isPosted(record)) return 'told';
  if (record.summarisedIn) return 'storm';
  const outcomes = new Set(record.accepted.map(({ outcome }) => outcome));
  if (outcomes.has('silenced')) return 'silenced';
  if (isWeakOnly(record.signals)) return 'busy';
  return outcomes.has('routed-nowhere') ? 'nowhere' : 'lone';
}

function busyLine({ resource, openedAt, lifecycle, accepted, acceptedEarlier, signals }: IncidentRecord): BusyLine {
  const { id, name, type } = resource;
  const values = signals.flatMap((state) =>
    state.signals.flatMap(({ value, windowSeconds }) =>
      value === undefined ? [] : [{ value, windowSeconds: windowSeconds ?? null }],
    ),
  );
  return {
    resource: { id, name, type },
    since: openedAt,
    open: lifecycle.state === 'open',
    alerts: accepted.length + Object.values(acceptedEarlier).reduce((sum, count) => sum + count, 0),
    peak: values.toSorted((a, b) => b.value - a.value)[0] ?? null,
  };
}

function toldLine({ id: incidentId, resource, severity, findings }: IncidentRecord): ToldLine {
  const cause = findings.find(({ verdict }) => verdict === 'confirmed' || verdict === 'likely')?.kind;
  const { id, name, type } = resource;
  return { incidentId, resource: { id, name, type }, severity, ...(cause === undefined ? {} : { cause }) };
}

/** The same for the same week, whoever makes it. */
export function digestIdOf({ to }: { to: Time }): string {
  return incidentIdOf(fingerprintOfDigest(to), to);
}

function fingerprintOfDigest(to: Time): string {
  return createHash('sha256').update(`digest\u0000${to}`).digest('hex').slice(0, 32);
}

/** The digest as an incident that is over from the start: its message is claimed, sent and found as any other. */
export function openDigest(digest: DigestSummary): IncidentRecord {
  const identity = {
    id: digestIdOf(digest),
    fingerprint: fingerprintOfDigest(digest.to),
    family: 'digest',
    resource: {
      cloud: 'other' as const,
      id: `digest:${digest.to}`,
      name: 'weekly digest',
      type: 'headroom/digest',
      scope: 'headroom',
    },
    openedAt: digest.from,
    severity: 4 as const,
    verified: true,
    digest,
  };
  return { ...newRecord(identity, digest.to), lifecycle: { state: 'resolved', at: digest.to, by: 'signals' } };
}
