import type { Caller, Field, Impact, Incident, Link, SignalState } from '../model.ts';
import { nameAll } from './finding-view.ts';
import { leadingFinding } from './lead.ts';
import { safeUrl } from './plain.ts';
import { carriedOutOf, outcomeWords } from './plans.ts';
import type { Mask } from './privacy.ts';
import { describeSignal } from './signals.ts';
import {
  capitalise,
  clockWords,
  countWords,
  durationWords,
  numberWords,
  serviceWords,
  severityWords,
  timeWords,
  typeWords,
} from './words.ts';

const RULES_MAX = 3;
const SIGNALS_MAX = 4;
const CUSTOM_MAX = 6;
const NAMES_MAX = 4;
const LINKS_MAX = 6;
/** Custom properties that people put there to be read first. */
const CUSTOM_FIRST = ['team', 'owner', 'service', 'environment', 'runbook', 'runbook_url', 'summary'];
const CUSTOM_HIDDEN = /^headroom[_.-]|secret|token|passw|pwd|credential|api[-_]?key|signature|^sig$/i;

/** Severity, state, since when, who has it: one line. */
export function statusOf(incident: Incident, mask: Mask): string {
  const parts = [capitalise(severityWords(incident.severity))];
  if (incident.lifecycle.state === 'resolved') {
    const { at, by } = incident.lifecycle;
    const how = {
      signals: 'resolved by its alerts',
      metric: 'resolved by re-reading the metric',
      person: 'resolved by a person',
      merge: 'goes on in the first region',
    }[by];
    parts.push(`${timeWords(incident.openedAt)} to ${clockWords(at, incident.openedAt)}, ${how}`);
  } else parts.push(`open since ${timeWords(incident.openedAt)}`);
  if (incident.flaps > 0)
    parts.push(`flapped ${incident.flaps === 1 ? 'once' : `${numberWords(incident.flaps)} times`}`);
  if (incident.assigned) parts.push(withPerson('assigned', 'to', mask.person(incident.assigned.to)));
  else if (incident.acknowledged) parts.push(withPerson('acknowledged', 'by', mask.person(incident.acknowledged.by)));
  if (incident.silencedUntil !== undefined) parts.push(`silenced until ${timeWords(incident.silencedUntil)}`);
  if (incident.synthetic !== undefined) parts.push(incident.synthetic === 'test' ? 'test notification' : 'canary');
  if (!incident.verified) parts.push('unverified');
  if (incident.secondRegion) parts.push('second region');
  return parts.join(' · ');
}

function withPerson(what: string, by: string, person: string | undefined): string {
  return person === undefined ? what : `${what} ${by} ${person}`;
}

/** What stands beside the lead: the resource, the rules and their signals, the caller in full, what the alert says. */
export function factsOf(incident: Incident, mask: Mask): Field[] {
  const { resource } = incident;
  const where = [typeWords(resource), resource.region].filter((part) => part !== undefined && part !== '');
  const name = mask.text(resource.name || resource.id) || 'unnamed resource';
  const facts: Field[] = [
    {
      label: 'Resource',
      value: where.length === 0 ? name : `${name} (${where.map((part) => mask.text(part ?? '', 60)).join(', ')})`,
    },
  ];
  const caller = leadingFinding(incident)?.caller;
  if (caller) facts.push({ label: 'Caller', value: callerInFull(caller, mask) });
  const done = doneTo(incident, mask);
  if (done.length > 0) facts.push({ label: 'What was done', value: done.join(', ') });
  facts.push(...ruleFacts(incident, mask), ...textFacts(incident, mask), ...customFacts(incident.signals, mask));
  if (resource.scope !== 'unknown' && resource.scope !== '')
    facts.push({ label: resource.cloud === 'aws' ? 'Account' : 'Subscription', value: mask.text(resource.scope, 80) });
  return facts;
}

/** What became of it between its beginning and its end; nothing while it is open, where the status says it. */
export function doneTo(incident: Incident, mask: Mask): string[] {
  const { lifecycle, acknowledged, assigned, escalated, openedAt } = incident;
  if (lifecycle.state !== 'resolved') return [];
  const done: string[] = [];
  for (const { key, calledAt } of escalated ?? [])
    if (calledAt !== undefined) done.push(`${serviceWords(key)} called ${clockWords(calledAt, openedAt)}`);
  if (acknowledged)
    done.push(
      `${withPerson('acknowledged', 'by', mask.person(acknowledged.by))} ${clockWords(acknowledged.at, openedAt)}`,
    );
  if (assigned)
    done.push(`${withPerson('assigned', 'to', mask.person(assigned.to))} ${clockWords(assigned.at, openedAt)}`);
  for (const plan of carriedOutOf(incident))
    done.push(`${mask.text(plan.title, 80)} (${outcomeWords(plan, incident, mask)})`);
  if (lifecycle.by === 'person') done.push('resolved by a person');
  if (lifecycle.by === 'metric') done.push('resolved as its metric is back to normal');
  return done;
}

function ruleFacts(incident: Incident, mask: Mask): Field[] {
  const rules = [...new Set(incident.signals.map((state) => mask.text(state.rule, 120)))];
  const signals = [
    ...new Set(incident.signals.flatMap((state) => state.signals.map((signal) => mask.text(describeSignal(signal))))),
  ];
  const facts: Field[] = [];
  if (rules.length > 0)
    facts.push({
      label: rules.length === 1 ? 'Alert rule' : 'Alert rules',
      value: nameAll(rules, RULES_MAX).join(', '),
    });
  if (signals.length > 0) facts.push({ label: 'Signal', value: nameAll(signals, SIGNALS_MAX).join('; ') });
  return facts;
}

function callerInFull(caller: Caller, mask: Mask): string {
  const parts = [mask.caller(caller)];
  const id = caller.appId ?? caller.objectId;
  if (id !== undefined && caller.kind !== 'user') parts.push(mask.text(id, 60));
  const owner = caller.owner === undefined ? undefined : mask.person(caller.owner);
  if (owner !== undefined) parts.push(`owner ${mask.text(owner, 60)}`);
  if (caller.team !== undefined) parts.push(`team ${mask.text(caller.team, 60)}`);
  if (caller.client !== undefined) parts.push(mask.text(caller.client, 80));
  if (caller.addresses > 0) parts.push(countWords(caller.addresses, 'address', 'addresses'));
  return parts.join(' · ');
}

function textFacts(incident: Incident, mask: Mask): Field[] {
  const texts = [...new Set(incident.signals.map((state) => mask.text(state.description ?? '')))].filter(
    (text) => text !== '',
  );
  return texts.slice(0, 2).map((value) => ({ label: 'The alert says', value }));
}

function customFacts(states: readonly SignalState[], mask: Mask): Field[] {
  const custom = new Map<string, string>();
  for (const state of states)
    for (const [name, value] of Object.entries(state.custom))
      if (!CUSTOM_HIDDEN.test(name) && value.trim() !== '' && !isLink(value) && !custom.has(name))
        custom.set(name, value);
  const order = (name: string) => {
    const index = CUSTOM_FIRST.indexOf(name.toLowerCase());
    return index < 0 ? CUSTOM_FIRST.length : index;
  };
  return [...custom]
    .sort(([a], [b]) => order(a) - order(b))
    .slice(0, CUSTOM_MAX)
    .map(([name, value]) => ({ label: mask.text(name, 40) || 'custom', value: mask.text(value) }));
}

/** A custom property that is an address becomes a link, not a fact. */
function isLink(value: string): boolean {
  return safeUrl(value.trim()) !== null;
}

/** Who was hurt and how long, as fields. */
export function impactOf(impact: Impact, mask: Mask): Field[] {
  const fields: Field[] = [
    { label: 'Requests refused', value: numberWords(impact.requestsFailed) },
    { label: 'Callers refused', value: numberWords(impact.callersRefused) },
    { label: 'Over the limit', value: `${durationWords(impact.minutesOver * 60)}, ${impact.pattern}` },
  ];
  if (impact.dependents.length > 0)
    fields.push({
      label: 'Depend on it',
      value: nameAll(
        impact.dependents.map((dependent) => mask.caller(dependent)),
        NAMES_MAX,
      ).join(', '),
    });
  if (impact.errorBudgetBurn !== null)
    fields.push({ label: 'Error budget burn', value: `${numberWords(impact.errorBudgetBurn)} ×` });
  return fields;
}

/** Links of the message's own, then runbooks from custom properties, then those of the alerts: http(s) only, each address once, at most 6. */
export function linksOf(incident: Incident, own: readonly Link[], mask: Mask): Link[] {
  const runbooks = incident.signals.flatMap((state) =>
    Object.entries(state.custom)
      .filter(([name, value]) => !CUSTOM_HIDDEN.test(name) && isLink(value))
      .map(([name, value]) => ({ label: name, url: value.trim() })),
  );
  const links = new Map<string, Link>();
  for (const link of [...own, ...runbooks, ...incident.signals.flatMap((state) => state.links)]) {
    const url = safeUrl(link.url);
    if (url !== null && !links.has(url)) links.set(url, { label: mask.text(link.label, 60) || 'link', url });
  }
  return [...links.values()].slice(0, LINKS_MAX);
}
