import { acceptAlert, belongs, openIncident } from '../incidents/accept.ts';
import type { Destination } from '../incidents/effects.ts';
import { incidentIdOf } from '../incidents/fingerprint.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { evidenceWindow } from '../incidents/window.ts';
import type { Alert, Evidence, Finding, Outcome, Source, Time } from '../model.ts';
import type { EvidenceReader, PayloadStore, Records } from '../ports.ts';
import { type KeyedAlert, keyAlert, type OpenRecord } from './claim.ts';
import { timeNow } from './deps.ts';
import { answerFrom, type ExplainDeps } from './explain.ts';
import { gather } from './gather.ts';
import { alertKey, evidenceName, openKey } from './keys.ts';
import { getIncident } from './read.ts';
import type { KeptPayload } from './replay-find.ts';
import { revise } from './revise.ts';

/** What a dry run reads; it writes nothing. */
export type DryRunDeps = ExplainDeps & {
  records: Records;
  payloads: PayloadStore;
  sources: readonly Source[];
  senders: readonly Destination[];
};

/** What would become of one alert. */
export type AlertOutlook = {
  id: string;
  state: Alert['state'];
  rule: string;
  resource: string;
  family: string;
  incident: string;
  /** `known`: that incident has taken it in; nothing would change. */
  would: 'known' | 'join' | 'open';
  /** Undecided: only a Resolved whose Fired may still come. */
  outcome: Outcome | 'undecided';
};

export type PayloadOutlook = { id: string; receivedAt: Time; source: string; state: 'received' | 'taken' | 'dead' } & (
  | { understood: true; alerts: AlertOutlook[] }
  | { understood: false; error: string }
);

/** A finding in a line, by which two answers are compared. */
export type FindingLine = { kind: string; verdict: string; caller: string | null; explainsPercent: number };

/** `now`: from a log store; `kept`: from the evidence of the last diagnosis; null: there is none of either. */
export type IncidentOutlook = {
  id: string;
  resource: string;
  before: FindingLine[];
  after: FindingLine[] | null;
  from: 'now' | 'kept' | null;
};

export type ReplayOutlook = { payloads: PayloadOutlook[]; incidents: IncidentOutlook[] };

/** What a replay would change, by the rules of this process. */
export async function outlookOf(
  deps: DryRunDeps,
  found: { payloads: readonly KeptPayload[]; incidents: readonly IncidentRecord[] },
): Promise<ReplayOutlook> {
  const world = new Map(found.incidents.map((record) => [record.id, record]));
  const payloads: PayloadOutlook[] = [];
  for (const payload of found.payloads) payloads.push(await outlookOfPayload(deps, payload, world));
  const incidents: IncidentOutlook[] = [];
  for (const record of world.values()) incidents.push(await outlookOfIncident(deps, record, found.incidents));
  return { payloads, incidents };
}

/** @param world incidents as they would be by now, by id */
async function outlookOfPayload(
  deps: DryRunDeps,
  kept: KeptPayload,
  world: Map<string, IncidentRecord>,
): Promise<PayloadOutlook> {
  const { key, stored } = kept;
  const { receivedAt, source: name, state } = stored.value;
  const told = { id: key.id, receivedAt, source: name, state };
  if (!kept.readable) return { ...told, understood: false, error: kept.why };
  const source = deps.sources.find((known) => known.name === name);
  if (!source) return { ...told, understood: false, error: `no source named ${name} is known` };
  const parsed = source.parse(kept.body, receivedAt);
  if (!parsed.ok)
    return { ...told, understood: false, error: `${parsed.error}${parsed.path === '' ? '' : ` (at ${parsed.path})`}` };
  const alerts: AlertOutlook[] = [];
  for (const alert of parsed.alerts) alerts.push(await outlookOfAlert(deps, keyAlert(alert), world));
  return { ...told, understood: true, alerts };
}

async function outlookOfAlert(
  deps: DryRunDeps,
  { alert, family, fingerprint }: KeyedAlert,
  world: Map<string, IncidentRecord>,
): Promise<AlertOutlook> {
  const told = { id: alert.id, state: alert.state, rule: alert.rule, resource: alert.resource.name, family };
  const owner = await deps.records.get<{ incidentId: string }>(alertKey(alert.id));
  if (owner) {
    const record = world.get(owner.value.incidentId) ?? (await getIncident(deps, owner.value.incidentId));
    const accepted = record?.accepted.find(({ id }) => id === alert.id);
    return { ...told, incident: owner.value.incidentId, would: 'known', outcome: accepted?.outcome ?? 'undecided' };
  }
  const pointer = await deps.records.get<OpenRecord>(openKey(fingerprint));
  const pointed =
    pointer && (world.get(pointer.value.incidentId) ?? (await getIncident(deps, pointer.value.incidentId)));
  const opened = incidentIdOf(fingerprint, alert.id);
  const standing = pointed && belongs(pointed, alert) ? pointed : (world.get(opened) ?? null);
  const record = standing ?? openIncident(opened, alert, { verified: deps.policy.verifies(alert.resource) });
  const after = revise(standing, acceptAlert(record, alert), {
    policy: deps.policy,
    destinations: deps.senders,
    now: timeNow(deps.clock),
  });
  world.set(record.id, after);
  const outcome = after.accepted.find(({ id }) => id === alert.id)?.outcome ?? 'undecided';
  return { ...told, incident: record.id, would: standing ? 'join' : 'open', outcome };
}

async function outlookOfIncident(
  deps: DryRunDeps,
  record: IncidentRecord,
  found: readonly IncidentRecord[],
): Promise<IncidentOutlook> {
  const before = found.find(({ id }) => id === record.id)?.findings ?? [];
  const answered = await answerAnew(deps, record);
  return {
    id: record.id,
    resource: record.resource.name,
    before: before.map(lineOf),
    after: answered?.findings.map(lineOf) ?? null,
    from: answered?.from ?? null,
  };
}

async function answerAnew(
  deps: DryRunDeps,
  record: IncidentRecord,
): Promise<{ findings: Finding[]; from: 'now' | 'kept' } | null> {
  const fresh = await readNow(deps, record);
  const evidence = fresh ?? (await readKept(deps.payloads, record.id));
  if (!evidence) return null;
  return { findings: answerFrom(deps, record, evidence).findings, from: fresh ? 'now' : 'kept' };
}

/** @returns null where no store could give anything */
async function readNow(deps: DryRunDeps, record: IncidentRecord): Promise<Evidence | null> {
  const covers = (reader: EvidenceReader): boolean => reader.covers(record.resource);
  if (!deps.policy.mayRead(record.resource) || !deps.readers.some(covers)) return null;
  const { from, to } = evidenceWindow(record, timeNow(deps.clock));
  const { readers, clock } = deps;
  const signals = record.signals.flatMap((state) => state.signals);
  const evidence = await gather({ readers, clock }, { resource: record.resource, from, to, signals });
  return evidence.readings.some(({ state }) => state === 'read') ? evidence : null;
}

async function readKept(payloads: PayloadStore, incidentId: string): Promise<Evidence | null> {
  const bytes = await payloads.get(evidenceName(incidentId));
  if (!bytes) return null;
  // Written by this program alone, and bounded by its queries.
  const evidence: Evidence = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return evidence.readings.some(({ state }) => state === 'read') ? evidence : null;
}

function lineOf({ kind, verdict, caller, explains }: Finding): FindingLine {
  return {
    kind,
    verdict,
    caller: caller?.displayName ?? caller?.id ?? null,
    explainsPercent: Math.round(explains * 100),
  };
}
