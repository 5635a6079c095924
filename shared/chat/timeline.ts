import type { Incident, Message } from '../model.ts';
import { leadingFinding } from './lead.ts';
import { planEvents } from './plans.ts';
import type { Mask } from './privacy.ts';
import { kindWords, serviceWords } from './words.ts';

type Entry = Message['timeline'][number];

/** The first events tell how it began, the last how it stands. */
const FIRST = 4;
const LAST = 8;

/** What happened when, oldest first: signals, onset of the cause, the provider's events, people, the end. At most 13 entries. */
export function timelineOf(incident: Incident, mask: Mask): Entry[] {
  const sorted = eventsOf(incident, mask);
  if (sorted.length <= FIRST + LAST + 1) return sorted;
  const left = sorted.length - FIRST - LAST;
  const resume = sorted[FIRST];
  return [
    ...sorted.slice(0, FIRST),
    ...(resume ? [{ at: resume.at, text: `… ${left} more` }] : []),
    ...sorted.slice(-LAST),
  ];
}

/** All of it, oldest first. */
export function eventsOf(incident: Incident, mask: Mask): Entry[] {
  const entries: Entry[] = incident.signals.flatMap((state) => {
    const rule = mask.text(state.rule, 100);
    const of: Entry[] = [];
    if (state.firedAt !== undefined)
      of.push({ at: state.firedAt, text: `${state.state === 'no-data' ? 'no data' : 'fired'}: ${rule}` });
    if (state.resolvedAt !== undefined) of.push({ at: state.resolvedAt, text: `resolved: ${rule}` });
    return of;
  });
  const finding = leadingFinding(incident);
  if (finding?.onset !== undefined)
    entries.push({ at: finding.onset, text: `${kindWords(mask.text(finding.kind, 40))} began` });
  for (const event of incident.related ?? [])
    entries.push({ at: event.at, text: `provider: ${mask.text(event.text, 120)}` });
  if (incident.acknowledged)
    entries.push(personEntry('acknowledged', incident.acknowledged.at, mask.person(incident.acknowledged.by)));
  if (incident.assigned) entries.push(personEntry('assigned', incident.assigned.at, mask.person(incident.assigned.by)));
  for (const { key, calledAt } of incident.escalated ?? [])
    if (calledAt !== undefined)
      entries.push({ at: calledAt, text: `nobody acknowledged: ${serviceWords(key)} was called` });
  entries.push(...planEvents(incident, mask));
  const { lifecycle } = incident;
  if (lifecycle.state === 'resolved')
    entries.push({
      at: lifecycle.at,
      text: lifecycle.by === 'merge' ? 'merged into what the first region tells' : 'incident resolved',
    });
  return inOrder(entries);
}

/** By time; what happened at once stays in the order that it was told in. */
export function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function personEntry(what: string, at: string, by: string | undefined): Entry {
  return { at, text: by === undefined ? what : `${what} by ${by}` };
}
