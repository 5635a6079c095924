import { acceptAlert, openIncident } from '../incidents/accept.ts';
import { fingerprintOf, incidentIdOf } from '../incidents/fingerprint.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { measuredSeverity } from '../incidents/severity.ts';
import { evidenceWindow } from '../incidents/window.ts';
import type { Alert, Evidence } from '../model.ts';
import type { Clock, EvidenceReader } from '../ports.ts';
import { answer } from './answer.ts';
import { type Policy, timeNow } from './deps.ts';
import { gather } from './gather.ts';

export type ExplainDeps = { readers: readonly EvidenceReader[]; clock: Clock; policy: Policy };

/**
 * The incidents that these alerts would make, diagnosed from what can be read now; keeps nothing and tells no one.
 * One incident a resource and signal family, in the order of the alerts.
 */
export async function explainAlerts(deps: ExplainDeps, alerts: readonly Alert[]): Promise<IncidentRecord[]> {
  const incidents = new Map<string, IncidentRecord>();
  for (const alert of alerts) {
    const fingerprint = fingerprintOf(alert);
    const id = incidentIdOf(fingerprint, alert.id);
    const known =
      incidents.get(fingerprint) ?? openIncident(id, alert, { verified: deps.policy.verifies(alert.resource) });
    incidents.set(fingerprint, acceptAlert(known, alert));
  }
  const explained: IncidentRecord[] = [];
  for (const incident of incidents.values()) explained.push(await diagnoseNow(deps, incident));
  return explained;
}

async function diagnoseNow(deps: ExplainDeps, record: IncidentRecord): Promise<IncidentRecord> {
  const { from, to } = evidenceWindow(record, timeNow(deps.clock));
  const readers = deps.policy.mayRead(record.resource) ? deps.readers : [];
  const signals = record.signals.flatMap((state) => state.signals);
  const evidence = await gather({ readers, clock: deps.clock }, { resource: record.resource, from, to, signals });
  return answerFrom(deps, record, evidence);
}

/** The incident as the rules of this process diagnose it from the evidence. */
export function answerFrom(
  { policy, clock }: Pick<ExplainDeps, 'policy' | 'clock'>,
  record: IncidentRecord,
  evidence: Evidence,
): IncidentRecord {
  const { resource, signals, related = [], openedAt } = record;
  const { findings, impact, chart, notes } = answer({
    resource,
    evidence,
    limits: policy.limits,
    objective: policy.objectiveOf(resource),
    nameCaller: policy.nameCaller,
    signals,
    related,
    openedAt,
  });
  return {
    ...record,
    findings,
    notes,
    ...(impact ? { impact } : {}),
    ...(chart ? { chart } : {}),
    diagnosedAt: timeNow(clock),
    severity: record.family === 'throttle' && chart ? measuredSeverity(chart, policy.severeShare) : record.severity,
  };
}
