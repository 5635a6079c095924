import type { Field, Incident, Message, StormCount, StormLine, StormSummary } from '../model.ts';
import { shortenMiddle } from './plain.ts';
import type { Mask } from './privacy.ts';
import { repeatNotes } from './repeat.ts';
import { TEXT_LIMITS } from './text/limits.ts';
import { shortenToWidth } from './text/width.ts';
import {
  capitalise,
  clockWords,
  countWords,
  durationWords,
  numberWords,
  secondsBetween,
  severityWords,
  timeWords,
  typeWords,
} from './words.ts';

const NAME_MAX = 40;
/** Of the worst; a person who needs more asks for the list. */
const LINES_MAX = 12;
const COUNTS_MAX = 5;

/** One message for many incidents that opened at once: how many, of what, which are worst, how to see the others. */
export function stormMessage(incident: Incident, storm: StormSummary, mask: Mask): Message {
  const { lifecycle } = incident;
  return {
    incidentId: incident.id,
    revision: incident.revision,
    state: lifecycle.state,
    severity: incident.severity,
    title: titleOf(incident, storm),
    lead: leadOf(incident, storm, mask).map((line) => shortenToWidth(line, TEXT_LIMITS.columns)),
    belowTitle: belowTitleOf(incident, storm, mask),
    status: statusOf(incident, storm),
    resource: incident.resource,
    verified: incident.verified,
    mention: false,
    facts: [],
    groups: groupsOf(storm, mask),
    findings: [],
    notes: [
      {
        text: `More than ${countWords(storm.perMinute, 'incident')} opened within a minute, so the further ones are told here and not one by one; no log is read for them.`,
        nextStep: 'status lists what is open, why <incident> tells of one',
      },
      ...repeatNotes(incident),
    ],
    timeline: [
      { at: storm.since, text: 'storm began' },
      ...(storm.overAt === undefined
        ? []
        : [{ at: storm.overAt, text: 'calm again: new incidents are told one by one' }]),
      ...(lifecycle.state === 'resolved' ? [{ at: lifecycle.at, text: 'last incident resolved' }] : []),
    ],
    links: [],
    actions: [],
  };
}

function titleOf(incident: Incident, storm: StormSummary): string {
  const what = `alert storm of ${countWords(storm.incidents, 'incident')}`;
  return incident.lifecycle.state === 'resolved'
    ? `Resolved: ${what}`
    : `${capitalise(what)}, ${numberWords(storm.open)} open`;
}

function leadOf(incident: Incident, storm: StormSummary, mask: Mask): string[] {
  const { lifecycle } = incident;
  const where = `${countWords(storm.incidents, 'incident')} of ${countWords(storm.resources, 'resource')}`;
  const isOver = lifecycle.state === 'resolved';
  return [
    `${isOver ? 'Resolved: alert' : 'Alert'} storm: ${where} since ${timeWords(incident.openedAt)}`,
    `${isOver ? lastedWords(incident) : `${storm.open === 0 ? 'None' : numberWords(storm.open)} still open`}; ${signalWords(storm, mask)}`,
    nextLine(incident, storm),
  ];
}

/** The title says how many incidents there are and how many of them are open. */
function belowTitleOf(incident: Incident, storm: StormSummary, mask: Mask): string[] {
  const what = incident.lifecycle.state === 'resolved' ? `${lastedWords(incident)}, ` : '';
  return [
    capitalise(`${what}${countWords(storm.resources, 'resource')}; ${signalWords(storm, mask)}`),
    nextLine(incident, storm),
  ];
}

function lastedWords({ openedAt, lifecycle }: Incident): string {
  const seconds = lifecycle.state === 'resolved' ? secondsBetween(openedAt, lifecycle.at) : null;
  return seconds === null ? 'All over' : `All over after ${durationWords(seconds)}`;
}

function signalWords({ families }: StormSummary, mask: Mask): string {
  const most = families.slice(0, 3).map(({ name, incidents }) => `${mask.text(name, 24)} ${numberWords(incidents)}`);
  return `by signal: ${most.join(', ') || 'none'}`;
}

function nextLine({ lifecycle, openedAt }: Incident, { overAt }: StormSummary): string {
  if (lifecycle.state === 'resolved') return 'Nothing is left to do here';
  return overAt === undefined
    ? 'Next: look for what they share; new incidents are added here until it is calm'
    : `Calm since ${clockWords(overAt, openedAt)}: this message follows these incidents to their end`;
}

function statusOf(incident: Incident, storm: StormSummary): string {
  const { lifecycle } = incident;
  const when =
    lifecycle.state === 'resolved'
      ? `${timeWords(storm.since)} to ${clockWords(lifecycle.at, storm.since)}`
      : `storm since ${timeWords(storm.since)}`;
  return `${capitalise(severityWords(incident.severity))} at worst · ${when}`;
}

function groupsOf(storm: StormSummary, mask: Mask): NonNullable<Message['groups']> {
  const shown = storm.worst.slice(0, LINES_MAX);
  const more = storm.incidents - shown.length;
  const lines = shown.map((line) => lineField(line, storm, mask));
  if (more > 0) lines.push({ label: `${numberWords(more)} more`, value: 'status lists those that are open' });
  return [
    { title: 'Most severe', fields: lines },
    { title: 'By signal', fields: countFields(storm.families, (name) => mask.text(name, NAME_MAX)) },
    { title: 'By kind of resource', fields: countFields(storm.types, (type) => mask.text(kindOf(type), NAME_MAX)) },
  ];
}

function lineField(line: StormLine, storm: StormSummary, mask: Mask): Field {
  const how = line.resolvedAt === undefined ? `severity ${line.severity}` : 'resolved';
  const when =
    line.resolvedAt === undefined
      ? `since ${clockWords(line.openedAt, storm.since)}`
      : `at ${clockWords(line.resolvedAt, storm.since)}`;
  return {
    label: shortenMiddle(mask.text(line.resource.name) || 'unnamed resource', NAME_MAX),
    value: `${mask.text(line.family, 24)}, ${how} ${when} (${line.incidentId})`,
  };
}

function countFields(counts: readonly StormCount[], nameOf: (name: string) => string): Field[] {
  return counts.slice(0, COUNTS_MAX).map(({ name, incidents, open }) => ({
    label: nameOf(name),
    value: `${numberWords(incidents)}, ${numberWords(open)} open`,
  }));
}

function kindOf(type: string): string {
  return typeWords({ cloud: 'other', id: '', name: '', scope: '', type }) ?? 'unknown';
}
