import type { Alert, SignalState, Time } from '../model.ts';
import {
  addEvent,
  EMPTY_EPISODE,
  type EpisodeEvent,
  type EpisodeState,
  foldEpisode,
  REOPEN_WITHIN_MS,
} from './episode.ts';
import { familyOf } from './family.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AcceptedAlert, type IncidentRecord, MAX_ACCEPTED, MAX_SIGNALS, type RuleDetail } from './record.ts';
import { firstSeverity } from './severity.ts';

/** When the change that an alert tells of happened. */
export function eventTime(alert: Alert): Time {
  return alert.state === 'resolved' ? alert.resolvedAt : alert.firedAt;
}

/** A fresh incident for the first alert of an episode; the alert itself is then taken in by `acceptAlert`. */
export function openIncident(id: string, alert: Alert, verified: boolean): IncidentRecord {
  return {
    v: 1,
    id,
    revision: 0,
    fingerprint: fingerprintOf(alert),
    family: familyOf(alert),
    resource: alert.resource,
    openedAt: eventTime(alert),
    severity: alert.severity,
    ...(alert.synthetic ? { synthetic: alert.synthetic } : {}),
    verified,
    signals: [],
    lifecycle: { state: 'open' },
    flaps: 0,
    findings: [],
    notes: [],
    effects: [],
    episode: EMPTY_EPISODE,
    rules: {},
    accepted: [],
    acceptedEarlier: {},
    ledger: [{ at: alert.receivedAt, step: 'received' }],
    contentHash: '',
    runs: { planned: [], done: [] },
    diagnosedSignals: [],
  };
}

/**
 * Whether the alert belongs to this incident or begins a new episode: a Fired later than 15 min after the incident was
 * resolved is a new one. Other states belong to whatever they find.
 */
export function belongs(record: IncidentRecord, alert: Alert): boolean {
  if (record.lifecycle.state === 'open' || alert.state !== 'fired') return true;
  return Date.parse(alert.firedAt) - Date.parse(record.lifecycle.at) <= REOPEN_WITHIN_MS;
}

/** Takes an alert in; taking the same alert in again changes nothing. */
export function acceptAlert(record: IncidentRecord, alert: Alert): IncidentRecord {
  if (knows(record, alert.id)) return record;
  const event: EpisodeEvent = { id: alert.id, at: eventTime(alert), kind: alert.state, instance: alert.instance };
  const accepted: AcceptedAlert = {
    id: alert.id,
    state: alert.state,
    at: eventTime(alert),
    receivedAt: alert.receivedAt,
    ...(alert.payload.inbox ? { inbox: alert.payload.inbox } : {}),
  };
  const rules = withRule(record.rules, alert);
  return refold(boundAccepted({ ...record, rules, accepted: [...record.accepted, accepted] }), event);
}

/** The metric was read again and is back to normal; resolves what never sends Resolved. */
export function clearByMetric(record: IncidentRecord, at: Time): IncidentRecord {
  return refold(record, { id: `metric-cleared:${at}`, at, kind: 'metric-cleared' });
}

/** A person says that it is over. */
export function closeByPerson(record: IncidentRecord, at: Time, by: string): IncidentRecord {
  return refold(record, { id: `closed:${at}`, at, kind: 'closed', by });
}

export function knows(record: IncidentRecord, alertId: string): boolean {
  return (
    record.accepted.some((known) => known.id === alertId) || record.episode.events.some((event) => event.id === alertId)
  );
}

function refold(record: IncidentRecord, event: EpisodeEvent): IncidentRecord {
  const episode = addEvent(record.episode, event);
  const state = foldEpisode(episode);
  const signals = signalsOf(record.rules, state);
  return {
    ...record,
    episode,
    signals,
    lifecycle: state.lifecycle,
    flaps: state.flaps,
    openedAt: state.openedAt ?? record.openedAt,
    severity: record.diagnosedAt === undefined ? firstSeverity(record.family, signals) : record.severity,
  };
}

function ruleKey(alert: Alert): string {
  return `${alert.source}:${alert.ruleId ?? alert.rule}`;
}

function withRule(rules: IncidentRecord['rules'], alert: Alert): IncidentRecord['rules'] {
  const key = ruleKey(alert);
  const known = rules[key];
  if (!known && Object.keys(rules).length >= MAX_SIGNALS) return rules;
  const instances = known?.instances.includes(alert.instance)
    ? known.instances
    : [...(known?.instances ?? []), alert.instance].sort().slice(-MAX_SIGNALS);
  if (known && !isLater(alert, known)) return { ...rules, [key]: { ...known, instances } };
  return { ...rules, [key]: detailOf(alert, instances) };
}

/** A Resolved tells less (its value is back to normal), so what fired describes the rule for as long as it is known. */
function isLater(alert: Alert, known: RuleDetail): boolean {
  const [a, b] = [
    order(alert.state === 'resolved', eventTime(alert), alert.id),
    order(known.resolvedOnly, known.at, known.alertId),
  ];
  return a > b;
}

function order(resolved: boolean, at: Time, id: string): string {
  return `${resolved ? 0 : 1} ${at} ${id}`;
}

function detailOf(alert: Alert, instances: string[]): RuleDetail {
  return {
    instance: alert.instance,
    rule: alert.rule,
    ...(alert.ruleId === undefined ? {} : { ruleId: alert.ruleId }),
    source: alert.source,
    category: alert.category,
    severity: alert.severity,
    ...(alert.description === undefined ? {} : { description: alert.description }),
    signals: alert.signals,
    links: alert.links,
    custom: alert.custom,
    at: eventTime(alert),
    alertId: alert.id,
    resolvedOnly: alert.state === 'resolved',
    instances,
  };
}

function signalsOf(rules: IncidentRecord['rules'], state: EpisodeState): SignalState[] {
  return Object.keys(rules)
    .sort()
    .flatMap((key) => {
      const detail = rules[key];
      return detail ? [signalOf(detail, state)] : [];
    });
}

function signalOf(detail: RuleDetail, state: EpisodeState): SignalState {
  const { at: _at, alertId: _alertId, instances, resolvedOnly: _resolvedOnly, ...shown } = detail;
  const phases = instances.flatMap((instance) => state.phases[instance] ?? []);
  const states = new Set(phases.map((phase) => phase.state));
  const firedAt = phases.flatMap((phase) => phase.firedAt ?? []).sort()[0];
  const resolvedAt = phases
    .flatMap((phase) => phase.resolvedAt ?? [])
    .sort()
    .at(-1);
  return {
    ...shown,
    state: states.has('fired') ? 'fired' : states.has('no-data') ? 'no-data' : 'resolved',
    ...(firedAt === undefined ? {} : { firedAt }),
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
  };
}

function boundAccepted(record: IncidentRecord): IncidentRecord {
  if (record.accepted.length <= MAX_ACCEPTED) return record;
  const index = record.accepted.findIndex((alert) => alert.outcome !== undefined);
  const oldest = record.accepted[index];
  if (!oldest?.outcome) return record;
  const acceptedEarlier = { ...record.acceptedEarlier };
  acceptedEarlier[oldest.outcome] = (acceptedEarlier[oldest.outcome] ?? 0) + 1;
  return { ...record, accepted: record.accepted.toSpliced(index, 1), acceptedEarlier };
}
