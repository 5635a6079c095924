import type { Finding, Incident, Privacy } from '../model.ts';
import { doneTo } from './facts.ts';
import { belowTitleOf, causeWords, leadingFinding, leadOf, nameOf, shareLine } from './lead.ts';
import { deservesMention, isMentionable } from './message.ts';
import { cleanLine } from './plain.ts';
import { outcomeWords } from './plans.ts';
import { createMask, type Mask } from './privacy.ts';
import { asSentence, countWords, serviceWords, timeWords } from './words.ts';

/** One thing that happened, as it is told once in the thread of the incident's message. */
export type ThreadEntry = {
  /** The same as long as it is the same thing. */
  id: string;
  /** At most four lines, clean, nothing escaped for a platform yet. */
  lines: string[];
  /** Editing a message calls nobody, so who is to be called is mentioned here. */
  mention: boolean;
  /** What a person did is told also while the incident is silenced. */
  byPerson: boolean;
};

const LINE_MAX = 300;

/**
 * What has happened to the incident, oldest first as far as that is known: who has it, silences, that it opened again, who was
 * called, causes that firmed up, its end. In its own thread, where `masked` shows secret names.
 */
export function threadOf(incident: Incident, privacy: Privacy): ThreadEntry[] {
  if (incident.storm || incident.digest || incident.synthetic !== undefined) return [];
  const mask = createMask(incident, privacy, true);
  const entries = [
    ...findingEntries(incident, mask),
    ...flapEntries(incident),
    ...(incident.escalated ?? []).flatMap(({ key, calledAt }) =>
      calledAt === undefined
        ? []
        : [
            entry(`called:${key}:${calledAt}`, [
              `Nobody acknowledged it: ${serviceWords(key)} was called at ${timeWords(calledAt)}`,
            ]),
          ],
    ),
    ...personEntries(incident, mask),
    ...planEntries(incident, mask),
    ...endEntries(incident, mask),
  ];
  return entries.map((one) => ({ ...one, lines: one.lines.map((line) => cleanLine(line, LINE_MAX)) }));
}

function entry(id: string, lines: string[], more: Partial<ThreadEntry> = {}): ThreadEntry {
  return { id, lines, mention: false, byPerson: false, ...more };
}

/** The cause that the message leads with, each time that it is another or a firmer one. */
function findingEntries(incident: Incident, mask: Mask): ThreadEntry[] {
  const finding = leadingFinding(incident);
  if (!finding || incident.lifecycle.state === 'resolved') return [];
  const lines = [
    `${nameOf(incident, mask)}: ${causeWords(finding, mask)}. ${asSentence(mask.text(finding.summary))}`,
    shareLine(incident, finding, mask),
    ...objectLines(finding, mask),
  ];
  const id = `finding:${finding.kind}:${finding.verdict}`;
  // What becomes severe only later is told once more, since nobody was called before.
  return [entry(isMentionable(incident) ? id : `${id}:minor`, lines, { mention: deservesMention(incident) })];
}

/** Names of secrets and keys, which the channel may not read and the thread may. */
function objectLines({ facts }: Finding, mask: Mask): string[] {
  if (!mask.secretNames) return [];
  return facts
    .filter(({ from, value }) => from.column === 'target' && typeof value === 'string')
    .slice(0, 1)
    .map(({ label, value }) => `${mask.text(label, 80)}: ${mask.text(String(value))}`);
}

function flapEntries({ flaps, lifecycle }: Incident): ThreadEntry[] {
  if (flaps === 0 || lifecycle.state === 'resolved') return [];
  return [
    entry(`flap:${flaps}`, [
      `It fired again soon after it was over: flapped ${flaps === 1 ? 'once' : countWords(flaps, 'time')}`,
    ]),
  ];
}

function personEntries(incident: Incident, mask: Mask): ThreadEntry[] {
  const { acknowledged, assigned, silencedUntil, unsilencedAt, lifecycle } = incident;
  const by = (name: string) => {
    const person = mask.person(name);
    return person === undefined ? '' : ` by ${person}`;
  };
  const entries: ThreadEntry[] = [];
  // Who assigns it has acknowledged it by that.
  if (acknowledged && acknowledged.at !== assigned?.at)
    entries.push(entry(`ack:${acknowledged.at}`, [`Acknowledged${by(acknowledged.by)}`], { byPerson: true }));
  if (assigned) {
    const to = mask.person(assigned.to);
    entries.push(
      entry(`assign:${assigned.at}`, [`Assigned${to === undefined ? '' : ` to ${to}`}${by(assigned.by)}`], {
        byPerson: true,
      }),
    );
  }
  if (silencedUntil !== undefined && lifecycle.state === 'open')
    entries.push(entry(`silence:${silencedUntil}`, [`Silenced until ${timeWords(silencedUntil)}`], { byPerson: true }));
  if (unsilencedAt !== undefined && lifecycle.state === 'open')
    entries.push(entry(`unsilence:${unsilencedAt}`, ['No longer silenced'], { byPerson: true }));
  return entries;
}

/** What was done about it, and what came of it; what is offered stands in the message alone. */
function planEntries(incident: Incident, mask: Mask): ThreadEntry[] {
  return (incident.plans ?? []).flatMap((plan) => {
    if (['planned', 'expired', 'running'].includes(plan.state) && !plan.awaitsSecond) return [];
    const byPerson = ['approved', 'rejected', 'undone'].includes(plan.state) || plan.awaitsSecond === true;
    const id = `plan:${plan.id}:${plan.awaitsSecond ? 'first' : plan.state}`;
    return [entry(id, [`${mask.text(plan.title, 120)}: ${outcomeWords(plan, incident, mask)}`], { byPerson })];
  });
}

/** Duration and cause, requests refused and who was hurt, how to prevent it, what was done. */
function endEntries(incident: Incident, mask: Mask): ThreadEntry[] {
  if (incident.lifecycle.state !== 'resolved') return [];
  const done = doneTo(incident, mask);
  const lines = [
    ...leadOf(incident, mask).slice(0, 1),
    ...belowTitleOf(incident, mask).slice(1),
    ...(done.length === 0 ? [] : [`Done: ${done.join(', ')}`]),
  ];
  return [entry(`resolved:${incident.lifecycle.at}`, lines)];
}
