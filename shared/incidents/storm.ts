import { createHash } from 'node:crypto';
import type { Incident, StormCount, StormLine, StormSummary, Time } from '../model.ts';
import { type IncidentRecord, newRecord } from './record.ts';

/** One record an incident and storm: what the summary says of the incident. */
export type StormMember = { v: 1; joinedAt: Time; line: StormLine };

/** New ones are told one by one again when so long no more of them came than may come in one minute. */
const CALM_MS = 120_000;

/** Lines of the worst that a record keeps; a message may show fewer. */
const MAX_WORST = 20;
/** Families and kinds of resource that are told apart. */
const MAX_COUNTS = 8;

/** The summary of a storm as an incident of its own: its message is claimed, sent, edited and found as any other. */
export function openStorm(id: string, summary: StormSummary): IncidentRecord {
  const identity = {
    id,
    fingerprint: createHash('sha256').update(`storm\u0000${id}`).digest('hex').slice(0, 32),
    family: 'storm',
    resource: {
      cloud: 'other' as const,
      id: `storm:${id}`,
      name: 'alert storm',
      type: 'headroom/storm',
      scope: 'headroom',
    },
    openedAt: summary.since,
    severity: 4 as const,
    verified: true,
    storm: summary,
  };
  return newRecord(identity, summary.since);
}

export function emptySummary(destination: string, perMinute: number, since: Time): StormSummary {
  const none = { incidents: 0, open: 0, resources: 0, families: [], types: [], worst: [] };
  return { destination, perMinute, since, ...none };
}

/** What the summary says of an incident. */
export function lineOfMember(record: IncidentRecord): StormLine {
  const { id, name, type } = record.resource;
  return {
    incidentId: record.id,
    resource: { id, name, type },
    family: record.family,
    severity: record.severity,
    openedAt: record.openedAt,
    ...(record.lifecycle.state === 'resolved' ? { resolvedAt: record.lifecycle.at } : {}),
  };
}

/** Whether the summary has something else to say of the incident than before. */
export function isToldAnew(before: IncidentRecord, after: IncidentRecord): boolean {
  if (!after.summarisedIn) return false;
  return !before.summarisedIn || JSON.stringify(lineOfMember(before)) !== JSON.stringify(lineOfMember(after));
}

/** Whether it has been calm for so long that new incidents are to be told one by one again. */
export function isCalm(members: readonly StormMember[], summary: StormSummary, now: Time): boolean {
  const from = new Date(Date.parse(now) - CALM_MS).toISOString();
  if (summary.since > from) return false;
  return members.filter(({ joinedAt }) => joinedAt > from).length <= summary.perMinute;
}

/**
 * The storm with what its members are now. It is over when it is calm and none of them is open any more; one that
 * begins anew opens it again.
 */
export function withMembers(
  storm: IncidentRecord,
  members: readonly StormMember[],
  overAt: Time | undefined,
): IncidentRecord {
  if (!storm.storm) return storm;
  const lines = members.map(({ line }) => line);
  const open = lines.filter(({ resolvedAt }) => resolvedAt === undefined);
  const over = storm.storm.overAt ?? overAt;
  const { overAt: _before, ...kept } = storm.storm;
  const summary: StormSummary = {
    ...kept,
    ...(over === undefined ? {} : { overAt: over }),
    incidents: lines.length,
    open: open.length,
    resources: new Set(lines.map(({ resource }) => resource.id)).size,
    families: countsOf(lines, ({ family }) => family),
    types: countsOf(lines, ({ resource }) => resource.type),
    worst: lines.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)).slice(0, MAX_WORST),
  };
  const shown = open.length > 0 ? open : lines;
  return {
    ...storm,
    storm: summary,
    openedAt: lines.map(({ openedAt }) => openedAt).sort()[0] ?? storm.openedAt,
    severity: shown.map(({ severity }) => severity).sort()[0] ?? storm.severity,
    lifecycle: lifecycleOf(lines, summary),
  };
}

function lifecycleOf(lines: readonly StormLine[], { overAt, open }: StormSummary): Incident['lifecycle'] {
  if (overAt === undefined || open > 0) return { state: 'open' };
  const ends = lines.flatMap(({ resolvedAt }) => resolvedAt ?? []);
  return { state: 'resolved', at: ends.sort().at(-1) ?? overAt, by: 'signals' };
}

function orderOf({ resolvedAt, severity, openedAt, incidentId }: StormLine): string {
  return `${resolvedAt === undefined ? 0 : 1} ${severity} ${openedAt} ${incidentId}`;
}

function countsOf(lines: readonly StormLine[], nameOf: (line: StormLine) => string): StormCount[] {
  const counts = [...Map.groupBy(lines, nameOf)].map(([name, group]) => ({
    name,
    incidents: group.length,
    open: group.filter(({ resolvedAt }) => resolvedAt === undefined).length,
  }));
  return counts.sort((a, b) => b.incidents - a.incidents || (a.name < b.name ? -1 : 1)).slice(0, MAX_COUNTS);
}
