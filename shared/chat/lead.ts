import type { Finding, Fix, Incident } from '../model.ts';
import { OUTSIDE_TEXT_MAX, shortenMiddle } from './plain.ts';
import { type Mask, shortId } from './privacy.ts';
import { leadingSignal, seenWords, troubleWords } from './signals.ts';
import { TEXT_LIMITS } from './text/limits.ts';
import { shortenToWidth, widthOf } from './text/width.ts';
import {
  countWords,
  durationWords,
  isGuid,
  kindWords,
  numberWords,
  percentWords,
  secondsBetween,
  timeWords,
  typeWords,
} from './words.ts';

const COLUMNS = TEXT_LIMITS.columns;
const NAME_MAX = 32;
const FIX_TITLE_MIN = 36;
const TITLE_MAX = 120;

/** The finding that the message leads with: the best ranked one that says something. */
export function leadingFinding(incident: Pick<Incident, 'findings'>): Finding | undefined {
  return incident.findings.find((finding) => finding.verdict === 'confirmed' || finding.verdict === 'likely');
}

/** A short line that names resource and trouble: for headers and notifications. */
export function titleOf(incident: Incident, mask: Mask): string {
  const finding = leadingFinding(incident);
  const trouble = finding ? causeWords(finding, mask) : mask.text(troubleWords(incident), 80);
  return shortenToWidth(`${prefixOf(incident)}${nameOf(incident, mask)}: ${trouble}`, TITLE_MAX);
}

/** Three lines of at most 80 columns; what must not be lost stands before what may be cut. */
export function leadOf(incident: Incident, mask: Mask): string[] {
  const finding = leadingFinding(incident);
  const lines =
    incident.lifecycle.state === 'resolved'
      ? resolvedLead(incident, finding, mask)
      : finding
        ? diagnosedLead(incident, finding, mask)
        : incident.diagnosedAt === undefined
          ? firstLead(incident, mask)
          : unsettledLead(incident, mask);
  return lines.map((line) => shortenToWidth(line, COLUMNS));
}

function prefixOf(incident: Incident): string {
  const test =
    incident.synthetic === undefined ? '' : incident.synthetic === 'canary' ? 'Canary: ' : 'Test notification: ';
  return incident.lifecycle.state === 'resolved' ? `${test}Resolved: ` : test;
}

/** The resource as a title names it; a bare GUID by its type and first characters. */
export function nameOf({ resource }: Pick<Incident, 'resource'>, mask: Mask): string {
  const name = resource.name || resource.id;
  if (isGuid(name)) return `${typeWords(resource) ?? 'resource'} ${shortId(name)}`;
  return shortenMiddle(mask.text(name) || 'unnamed resource', NAME_MAX);
}

/** `retry storm`, with `(likely)` unless it is confirmed. */
export function causeWords(finding: Finding, mask: Mask): string {
  const words = kindWords(mask.text(finding.kind, 32));
  return finding.verdict === 'confirmed' ? words : `${words} (${finding.verdict})`;
}

function firstLead(incident: Incident, mask: Mask): string[] {
  const rule = leadingSignal(incident)?.state.rule;
  return [
    `${prefixOf(incident)}${nameOf(incident, mask)}: ${mask.text(seenWords(incident))}`,
    `Since ${timeWords(incident.openedAt)}${rule === undefined ? '' : `, alert rule ${mask.text(rule)}`}`,
    'Reading the evidence: who and why follow as the logs arrive, usually in 3-10 min',
  ];
}

function diagnosedLead(incident: Incident, finding: Finding, mask: Mask): string[] {
  return [
    `${prefixOf(incident)}${nameOf(incident, mask)}: ${causeWords(finding, mask)}. ${mask.text(finding.summary)}`,
    shareLine(incident, finding, mask),
    fixLine(finding, mask, 'Fix'),
  ];
}

function resolvedLead(incident: Incident, finding: Finding | undefined, mask: Mask): string[] {
  const at = incident.lifecycle.state === 'resolved' ? incident.lifecycle.at : incident.openedAt;
  const seconds = secondsBetween(incident.openedAt, at);
  const test =
    incident.synthetic === undefined ? '' : incident.synthetic === 'canary' ? 'Canary: ' : 'Test notification: ';
  // Zero when its beginning never arrived.
  const after = seconds === null || seconds < 1 ? 'Resolved' : `Resolved after ${durationWords(seconds)}`;
  const cause = finding ? causeWords(finding, mask) : 'no cause was found';
  return [
    `${test}${after}: ${nameOf(incident, mask)}, ${cause}`,
    finding ? shareLine(incident, finding, mask) : refusedLine(incident, mask),
    finding ? fixLine(finding, mask, 'Prevent') : nextStepLine(incident, mask),
  ];
}

function refusedLine(incident: Incident, mask: Mask): string {
  if (!incident.impact) return `It was: ${mask.text(troubleWords(incident))}`;
  const { requestsFailed, callersRefused } = incident.impact;
  return `${countWords(requestsFailed, 'request')} of ${countWords(callersRefused, 'caller')} refused`;
}

function unsettledLead(incident: Incident, mask: Mask): string[] {
  const candidate = incident.findings.find((finding) => finding.verdict === 'inconclusive');
  return [
    `${prefixOf(incident)}${nameOf(incident, mask)}: ${mask.text(seenWords(incident))}`,
    candidate
      ? `Cause not settled; it may be ${causeWords(candidate, mask)}. ${mask.text(candidate.summary)}`
      : 'No cause found in what could be read',
    nextStepLine(incident, mask),
  ];
}

function nextStepLine(incident: Incident, mask: Mask): string {
  const step = incident.notes.find((note) => note.nextStep !== undefined)?.nextStep;
  if (step !== undefined) return `Next: ${mask.text(step, OUTSIDE_TEXT_MAX)}`;
  return incident.lifecycle.state === 'resolved'
    ? 'Nothing is left to do here'
    : 'Next: it is read again as the logs arrive, up to 20 min after the start';
}

/** Who it is, how much of the refusals it explains, how many others are hurt. */
export function shareLine(incident: Pick<Incident, 'impact'>, finding: Finding, mask: Mask): string {
  const caller = finding.caller ? mask.caller(finding.caller) : 'No single caller; this cause';
  const tails = shareTails(incident.impact?.requestsFailed, finding);
  const tail = tails.find((candidate) => widthOf(caller + candidate) <= COLUMNS) ?? tails.at(-1) ?? '';
  return shortenMiddle(caller, COLUMNS - widthOf(tail)) + tail;
}

/** What the caller is said to do, in fewer and fewer words: a long name needs the room. */
function shareTails(refused: number | undefined, finding: Finding): string[] {
  if (refused === 0) return [': no request was refused so far'];
  if (finding.role === 'trigger' && finding.caller === undefined && finding.explains === 0)
    return [' explains an unknown part of the refusals'];
  const victims = finding.victims.length;
  const hurt = (who: string) => (victims === 0 ? '' : `; ${countWords(victims, who)} hurt`);
  const requests = refused === undefined ? 'the refused requests' : `${numberWords(refused)} refused requests`;
  const refusals = refused === undefined ? 'the refusals' : `${numberWords(refused)} refusals`;
  const explains = ` explains ${percentWords(finding.explains)} of `;
  return [
    explains + requests + hurt('other caller'),
    explains + requests + hurt('other'),
    explains + refusals + hurt('other'),
  ];
}

/** The title is cut before the predicted effect is; the peak gives way before the title becomes unreadable. */
export function fixLine(finding: Finding, mask: Mask, label: string): string {
  const fix = finding.fixes[0];
  if (!fix) return 'No fix is offered for this cause; see the notes';
  const title = mask.text(fix.title);
  const room = (tail: string) => COLUMNS - widthOf(`${label}: ${tail}`);
  const tails = effectTails(fix);
  const tail =
    tails.find((candidate) => room(candidate) >= Math.min(widthOf(title), FIX_TITLE_MIN)) ?? tails.at(-1) ?? '';
  return `${label}: ${shortenToWidth(title, room(tail))}${tail}`;
}

function effectTails(fix: Fix): string[] {
  const effect = effectOf(fix);
  return effect ? [` (${effect.refused}, ${effect.peak})`, ` (${effect.refused})`] : [''];
}

/** `1,240 → 35 refused, peak 152 → 61 % of the limit`; undefined without a prediction. */
export function effectWords(fix: Fix): string | undefined {
  const effect = effectOf(fix);
  return effect && `${effect.refused}, ${effect.peak} of the limit`;
}

function effectOf({ predicted }: Fix): { refused: string; peak: string } | undefined {
  if (!predicted) return undefined;
  const before = Math.round(predicted.peakUtilisationBefore * 100);
  const after = Math.round(predicted.peakUtilisationAfter * 100);
  return {
    refused: `${numberWords(predicted.throttledBefore)} → ${numberWords(predicted.throttledAfter)} refused`,
    peak: `peak ${numberWords(before)} → ${numberWords(after)} %`,
  };
}
