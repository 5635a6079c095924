import { createHash } from 'node:crypto';
import type { Alert, SignalState, Time } from '../model.ts';
import { boundDetail } from './bound-detail.ts';
import { type EpisodeState, isHeld, type SignalPhase } from './episode.ts';
import type { IncidentRecord, RuleDetail } from './record.ts';

/** Rules that one incident can show. */
export const MAX_RULES = 16;

type Rules = IncidentRecord['rules'];

/** What tells two rules of one incident apart, by name since a Resolved may lack the id: 16 hexadecimal characters. */
export function ruleKeyOf(alert: Alert): string {
  return shortOf(`${alert.source}\u0000${alert.rule}`);
}

/** An alert's instance in short, since ARNs are long and an incident has hundreds of events. */
export function instanceKeyOf(alert: Alert): string {
  return shortOf(alert.instance);
}

function shortOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The rules with what the alert says of its own. */
export function withRule(rules: Rules, alert: Alert): Rules {
  const key = ruleKeyOf(alert);
  const known = rules[key];
  return known && !isLater(alert, known) ? rules : { ...rules, [key]: boundDetail(detailOf(alert)) };
}

/** At most 16 rules: those that hold the incident open stay, then those heard of last. */
export function boundRules(rules: Rules, state: EpisodeState): Rules {
  const all = Object.entries(rules);
  if (all.length <= MAX_RULES) return rules;
  const held = new Set(Object.values(state.phases).flatMap((phase) => (isHeld(phase) ? phase.rule : [])));
  const order = ([key, { at }]: [string, RuleDetail]): string => `${held.has(key) ? 1 : 0} ${at} ${key}`;
  return Object.fromEntries(all.sort((a, b) => (order(a) < order(b) ? 1 : -1)).slice(0, MAX_RULES));
}

/** The rules as people see them, by name. */
export function signalsOf(rules: Rules, state: EpisodeState): SignalState[] {
  return Object.entries(rules)
    .sort(([a, { rule: x }], [b, { rule: y }]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1))
    .map(([key, detail]) => signalOf(key, detail, state));
}

function signalOf(key: string, detail: RuleDetail, state: EpisodeState): SignalState {
  const { at: _at, alertId: _alertId, resolvedOnly: _resolvedOnly, reference: _reference, ...shown } = detail;
  const phases = Object.values(state.phases).filter(({ rule }) => rule === key);
  const held = phases.filter(isHeld);
  const firedAt = earliest((held.length > 0 ? held : phases).flatMap((phase) => phase.firedAt ?? []));
  const resolvedAt = latest(phases.flatMap((phase) => phase.resolvedAt ?? []));
  return {
    ...shown,
    state: statusOf(held, phases),
    ...(firedAt === undefined ? {} : { firedAt }),
    ...(resolvedAt === undefined || held.length > 0 ? {} : { resolvedAt }),
  };
}

function statusOf(held: readonly SignalPhase[], phases: readonly SignalPhase[]): SignalState['state'] {
  if (held.some((phase) => phase.state === 'fired')) return 'fired';
  if (held.length > 0) return 'no-data';
  return phases.length > 0 && phases.every((phase) => phase.state === 'no-data') ? 'no-data' : 'resolved';
}

function earliest(times: Time[]): Time | undefined {
  return times.sort()[0];
}

function latest(times: Time[]): Time | undefined {
  return times.sort().at(-1);
}

/** A Resolved tells less (its value is back to normal), so what fired describes the rule for as long as it is known. */
function isLater(alert: Alert, known: RuleDetail): boolean {
  return (
    order(alert.state === 'resolved', eventTime(alert), alert.id) > order(known.resolvedOnly, known.at, known.alertId)
  );
}

function order(resolved: boolean, at: Time, id: string): string {
  return `${resolved ? 0 : 1} ${at} ${id}`;
}

/** When the change that an alert tells of happened. */
export function eventTime(alert: Alert): Time {
  return alert.state === 'resolved' ? alert.resolvedAt : alert.firedAt;
}

function detailOf(alert: Alert): RuleDetail {
  return {
    instance: alert.instance,
    rule: alert.rule,
    ...(alert.ruleId === undefined ? {} : { ruleId: alert.ruleId }),
    ...(alert.reference === undefined ? {} : { reference: alert.reference }),
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
  };
}
