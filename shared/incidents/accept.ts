import type { Alert, Time } from '../model.ts';
import { addEvent, type EpisodeEvent, foldEpisode, REOPEN_WITHIN_MS } from './episode.ts';
import { familyOf } from './family.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AcceptedAlert, type IncidentRecord, newRecord } from './record.ts';
import { boundRules, eventTime, instanceKeyOf, ruleKeyOf, signalsOf, withRule } from './rules.ts';
import { firstSeverity } from './severity.ts';

/**
 * A fresh incident for the first alert of an episode; the alert itself is then taken in by `acceptAlert`.
 *
 * @param trust.verified its resource lies in a configured scope
 * @param trust.readBack its cloud can be asked whether it knows the alert: until it has, the incident counts as unverified
 */
export function openIncident(
  id: string,
  alert: Alert,
  trust: { verified: boolean; readBack?: boolean },
): IncidentRecord {
  const awaited = trust.verified && trust.readBack === true && alert.synthetic === undefined;
  const identity = {
    id,
    fingerprint: fingerprintOf(alert),
    family: familyOf(alert),
    resource: alert.resource,
    openedAt: eventTime(alert),
    severity: alert.severity,
    ...(alert.synthetic ? { synthetic: alert.synthetic } : {}),
    verified: trust.verified && !awaited,
    ...(awaited ? { readBack: { state: 'awaited' as const, tries: 0 } } : {}),
  };
  return newRecord(identity, alert.receivedAt);
}

/**
 * Since when it is over, for what comes after; undefined while it is open. A portal's test never ends: it is over at once,
 * so that the next press of the button is a message of its own.
 */
export function overSince({ lifecycle, synthetic, openedAt }: IncidentRecord): Time | undefined {
  if (lifecycle.state === 'resolved') return lifecycle.at;
  return synthetic === 'test' ? openedAt : undefined;
}

/**
 * Whether the alert belongs to this incident or to a new episode. What happens later than 15 min after the incident was
 * resolved does not; only that an instance which it knows says once more that it is over, or falls silent, does.
 */
export function belongs(record: IncidentRecord, alert: Alert): boolean {
  const over = overSince(record);
  if (over === undefined || Date.parse(eventTime(alert)) - Date.parse(over) <= REOPEN_WITHIN_MS) return true;
  return alert.state !== 'fired' && foldEpisode(record.episode).phases[instanceKeyOf(alert)] !== undefined;
}

/** Takes an alert in; taking the same alert in again changes nothing. */
export function acceptAlert(record: IncidentRecord, alert: Alert): IncidentRecord {
  if (knows(record, alert.id)) return record;
  const at = eventTime(alert);
  const event: EpisodeEvent = {
    id: alert.id,
    at,
    kind: alert.state,
    instance: instanceKeyOf(alert),
    rule: ruleKeyOf(alert),
  };
  const rules = withRule(record.rules, alert);
  return refold({ ...record, rules, accepted: [...record.accepted, acceptedOf(alert)] }, event);
}

/** Counts an alert in that changes nothing here, since the first region, which this was merged into, tells of it. */
export function joinElsewhere(record: IncidentRecord, alert: Alert): IncidentRecord {
  return knows(record, alert.id) ? record : { ...record, accepted: [...record.accepted, acceptedOf(alert)] };
}

function acceptedOf(alert: Alert): AcceptedAlert {
  return {
    id: alert.id,
    state: alert.state,
    at: eventTime(alert),
    receivedAt: alert.receivedAt,
    ...(alert.payload.inbox ? { inbox: alert.payload.inbox } : {}),
  };
}

/** The metric was read again and is back to normal; resolves what never sends Resolved. */
export function clearByMetric(record: IncidentRecord, at: Time): IncidentRecord {
  return refold(record, { id: `metric-cleared:${at}`, at, kind: 'metric-cleared' });
}

/** A person says that it is over. */
export function closeByPerson(record: IncidentRecord, at: Time, by: string): IncidentRecord {
  return refold(record, { id: `closed:${at}`, at, kind: 'closed', by });
}

/** The first region has it, and tells of it from now on. */
export function closeByMerge(record: IncidentRecord, at: Time): IncidentRecord {
  return refold(record, { id: `merged:${at}`, at, kind: 'merged' });
}

export function knows(record: IncidentRecord, alertId: string): boolean {
  return (
    record.accepted.some((known) => known.id === alertId) || record.episode.events.some((event) => event.id === alertId)
  );
}

function refold(record: IncidentRecord, event: EpisodeEvent): IncidentRecord {
  const episode = addEvent(record.episode, event);
  const state = foldEpisode(episode);
  const rules = boundRules(record.rules, state);
  const signals = signalsOf(rules, state);
  const measured = record.family === 'throttle' && record.diagnosedAt !== undefined;
  return {
    ...record,
    episode,
    rules,
    signals,
    lifecycle: state.lifecycle,
    flaps: state.flaps,
    openedAt: state.openedAt ?? record.openedAt,
    // A throttle incident's severity is measured by the diagnosis (field-notes 17); that of others is their rules' own.
    severity: measured ? record.severity : firstSeverity(record.family, signals),
  };
}
