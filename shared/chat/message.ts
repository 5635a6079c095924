import type { Incident, Link, Message, Note, Privacy, Time } from '../model.ts';
import { digestMessage } from './digest.ts';
import { factsOf, impactOf, linksOf, statusOf } from './facts.ts';
import { viewFinding } from './finding-view.ts';
import { belowTitleOf, leadOf, titleOf } from './lead.ts';
import { planButtons, planGroups, planNotes } from './plans.ts';
import { createMask, DEFAULT_PRIVACY, type Mask } from './privacy.ts';
import { repeatNotes } from './repeat.ts';
import { explainThresholds } from './signals.ts';
import { stormMessage } from './storm.ts';
import { timelineOf } from './timeline.ts';
import { secondRegionNote, unverifiedNote } from './verification.ts';

export type MessageOptions = {
  /** Headroom's own links (the incident's page); shown before those of the alerts. */
  links?: readonly Link[];
  /** Default `masked`. */
  privacy?: Privacy;
  /** The message stands in the incident's own thread, where `masked` shows secret names. */
  inThread?: boolean;
  /** Buttons that this installation serves; left out for unverified, synthetic and resolved incidents. */
  actions?: readonly { id: string; label: string; style?: 'primary' | 'danger' }[];
  /** Whether quiet hours hold at the time, in which no one is mentioned. */
  isQuiet?(at: Time): boolean;
};

/** What fires on a single refusal is of severity 3 until more is known, and that alone wakes nobody (field-notes 11, 17). */
const MENTIONED_SEVERITY = 2;
const FINDINGS_MAX = 5;
const NOTES_MAX = 12;
const NOTE_TEXT_MAX = 400;
/** As many as Teams shows beside its own for the details. */
const ACTIONS_MAX = 5;

/**
 * The whole desired content of an incident's message: a pure function of the incident, never a patch.
 *
 * Every string is one clean, bounded line without credentials, and shows people, addresses and secret names only as
 * `privacy` allows; nothing is escaped for a platform yet.
 */
export function buildMessage(incident: Incident, options: MessageOptions = {}): Message {
  const mask = createMask(incident, options.privacy ?? DEFAULT_PRIVACY, options.inThread ?? false);
  if (incident.storm) return stormMessage(incident, incident.storm, mask);
  if (incident.digest) return digestMessage(incident, incident.digest, mask);
  const message: Message = {
    incidentId: incident.id,
    revision: incident.revision,
    state: incident.lifecycle.state,
    severity: incident.severity,
    title: titleOf(incident, mask),
    lead: leadOf(incident, mask),
    belowTitle: belowTitleOf(incident, mask),
    status: statusOf(incident, mask),
    resource: incident.resource,
    verified: incident.verified,
    mention: deservesMention(incident) && !(options.isQuiet?.(asOf(incident)) ?? false),
    facts: factsOf(incident, mask),
    findings: incident.findings
      .filter((finding) => finding.verdict !== 'ruled-out')
      .slice(0, FINDINGS_MAX)
      .map((finding) => viewFinding(finding, mask)),
    notes: notesOf(incident, mask),
    timeline: timelineOf(incident, mask),
    links: linksOf(incident, options.links ?? [], mask),
    actions: actionsOf(incident, options),
  };
  if (incident.synthetic !== undefined) message.synthetic = incident.synthetic;
  const groups = planGroups(incident, mask);
  if (groups.length > 0) message.groups = groups;
  if (incident.impact) message.impact = impactOf(incident.impact, mask);
  if (incident.chart) message.chart = maskChart(withMarkers(incident.chart, incident), mask);
  return message;
}

/**
 * People are mentioned only for a likely or confirmed cause that hurts somebody, in what is severe (a few refusals are posted
 * without, field-notes 17) and known to be true (an alert is a claim, field-notes 32); and not when somebody has it already, it
 * is silenced, over, or a test.
 */
export function deservesMention(incident: Incident): boolean {
  if (incident.synthetic !== undefined || incident.lifecycle.state === 'resolved') return false;
  if (!isMentionable(incident)) return false;
  if (incident.acknowledged || incident.assigned) return false;
  if (incident.silencedUntil !== undefined && incident.silencedUntil > asOf(incident)) return false;
  return incident.findings.some(
    (finding) => (finding.verdict === 'likely' || finding.verdict === 'confirmed') && finding.victims.length > 0,
  );
}

/** Whether it is severe, and known to be true: people are mentioned for nothing else. */
export function isMentionable({ verified, severity }: Incident): boolean {
  return verified && severity <= MENTIONED_SEVERITY;
}

/** When what it says was worked out. */
function asOf(incident: Incident): Time {
  return incident.diagnosedAt ?? incident.openedAt;
}

function notesOf(incident: Incident, mask: Mask): Note[] {
  const notes: Note[] = [];
  if (incident.synthetic === 'test')
    notes.push({ text: 'This is a test notification: nothing is wrong with the resource.' });
  if (incident.synthetic === 'canary')
    notes.push({ text: 'This is the canary: it shows that alerts arrive; nothing is wrong with the resource.' });
  const region = secondRegionNote(incident);
  if (region) notes.push(region);
  const unverified = unverifiedNote(incident);
  if (unverified) notes.push(unverified);
  notes.push(...incident.notes, ...(incident.planNotes ?? []), ...planNotes(incident, mask), ...sourceNotes(incident));
  notes.push(...repeatNotes(incident));
  notes.push(...explainThresholds(incident));
  return notes.slice(0, NOTES_MAX).map((note) => maskNote(note, mask));
}

/**
 * What a source says of a payload that it could not take whole (more alerts than it carried, times that were no times), and
 * that it was found because nothing had told of it.
 */
const SOURCE_NOTES = ['headroom_truncated', 'headroom_time', 'headroom_reconciled'];

function sourceNotes(incident: Incident): Note[] {
  const texts = incident.signals.flatMap(({ custom }) => SOURCE_NOTES.flatMap((name) => custom[name] ?? []));
  return [...new Set(texts)].map((text) => ({ text }));
}

function maskNote(note: Note, mask: Mask): Note {
  const text = mask.text(note.text, NOTE_TEXT_MAX);
  return note.nextStep === undefined ? { text } : { text, nextStep: mask.text(note.nextStep, NOTE_TEXT_MAX) };
}

/** Beside the onsets and the alert: when this was last worked out, and when it was over. */
function withMarkers(chart: NonNullable<Message['chart']>, incident: Incident): NonNullable<Message['chart']> {
  const { diagnosedAt, lifecycle } = incident;
  const markers = [
    ...chart.markers,
    ...(diagnosedAt === undefined ? [] : [{ at: diagnosedAt, label: 'answer' }]),
    ...(lifecycle.state === 'resolved' ? [{ at: lifecycle.at, label: 'resolved' }] : []),
  ];
  return { ...chart, markers: markers.filter(({ at }) => at >= chart.from && at < chart.to) };
}

function maskChart(chart: NonNullable<Message['chart']>, mask: Mask): NonNullable<Message['chart']> {
  return {
    ...chart,
    title: mask.text(chart.title, 80),
    unit: mask.text(chart.unit, 40),
    series: chart.series.map((series) => ({ ...series, name: mask.text(series.name, 60) })),
    markers: chart.markers.map((marker) => ({ ...marker, label: mask.text(marker.label, 60) })),
    ...(chart.limit ? { limit: { ...chart.limit, label: mask.text(chart.limit.label, 60) } } : {}),
  };
}

function actionsOf(incident: Incident, { actions = [] }: MessageOptions): Message['actions'] {
  if (!incident.verified || incident.synthetic !== undefined || actions.length === 0) return [];
  // What was done can be taken back also when it is over.
  const plans = planButtons(incident);
  if (incident.lifecycle.state === 'resolved') return plans;
  // Who has it is said in the status; there is nothing left to acknowledge.
  const offered = actions.filter(({ id }) => id !== 'ack' || !incident.acknowledged);
  return [...plans, ...offered.map((action) => ({ ...action, value: incident.id }))].slice(0, ACTIONS_MAX);
}
