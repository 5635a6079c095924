import { acceptAlert, openIncident } from '../../../shared/incidents/accept.ts';
import { fingerprintOf, incidentIdOf } from '../../../shared/incidents/fingerprint.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import type { Alert, Resource, Severity, Signal, Time } from '../../../shared/model.ts';

export const VAULT: Resource = {
  cloud: 'azure',
  id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg-contoso/providers/microsoft.keyvault/vaults/kv-contoso',
  name: 'kv-contoso',
  type: 'microsoft.keyvault/vaults',
  scope: '00000000-0000-0000-0000-000000000000',
};

export const REFUSALS: Signal = {
  metric: 'ServiceApiResult',
  namespace: 'Microsoft.KeyVault/vaults',
  operator: 'GreaterThan',
  threshold: 0,
  value: 184,
  windowSeconds: 300,
  dimensions: { StatusCode: '429' },
};

export const HITS: Signal = {
  metric: 'ServiceApiHit',
  namespace: 'Microsoft.KeyVault/vaults',
  operator: 'GreaterThan',
  threshold: 1_500,
  value: 2_100,
  windowSeconds: 60,
  dimensions: {},
};

const START_MS = Date.parse('2026-11-20T14:00:00.000Z');

/** A time in seconds after 14:00 of the test's day. */
export function at(seconds: number): Time {
  return new Date(START_MS + seconds * 1_000).toISOString();
}

export type AlertSketch = {
  state?: Alert['state'];
  /** Seconds after 14:00 at which it happened. */
  seconds?: number;
  receivedSeconds?: number;
  /** One Fired and its Resolved share it. */
  instance?: string;
  rule?: string;
  id?: string;
  severity?: Severity;
  signals?: Signal[];
  resource?: Resource;
  category?: string;
  custom?: Record<string, string>;
  synthetic?: 'test' | 'canary';
};

/** An alert with what the test says of it, else the 429 alert of one vault; its id is told by rule, instance, state and time. */
export function alertOf(sketch: AlertSketch = {}): Alert {
  const { state = 'fired', seconds = 0, rule = 'kv-throttled', instance = `${rule}-1`, synthetic } = sketch;
  const shared = {
    id: sketch.id ?? `${rule}.${instance}.${state}.${seconds}`,
    instance,
    source: 'azure',
    rule,
    severity: sketch.severity ?? 2,
    firedAt: at(seconds),
    receivedAt: at(sketch.receivedSeconds ?? seconds),
    resource: sketch.resource ?? VAULT,
    signals: sketch.signals ?? [REFUSALS],
    links: [],
    custom: sketch.custom ?? {},
    category: sketch.category ?? 'metric',
    payload: { hash: 'abc', bytes: 3, inbox: { partition: 'inbox/2026-11-20T14', id: 'a' } },
    ...(synthetic ? { synthetic } : {}),
  };
  return state === 'resolved' ? { ...shared, state, resolvedAt: at(seconds) } : { ...shared, state };
}

/** The incident that these alerts make, taken in one after another. */
export function incidentOf(...alerts: readonly Alert[]): IncidentRecord {
  const [first] = alerts;
  if (!first) throw new Error('an incident begins with an alert');
  const opened = openIncident(incidentIdOf(fingerprintOf(first), first.id), first, { verified: true });
  return alerts.reduce(acceptAlert, opened);
}
