import type { Finding, Fix, Incident } from '../model.ts';
import { effectOf, inOrderOfUse } from './effect.ts';
import { OUTSIDE_TEXT_MAX, shortenMiddle } from './plain.ts';
import { leadingPlan, outcomeWords } from './plans.ts';
import { type Mask, shortId } from './privacy.ts';
import { leadingSignal, seenWords, troubleWords } from './signals.ts';
import { TEXT_LIMITS } from './text/limits.ts';
import { shortenToWidth, widthOf } from './text/width.ts';
import {
  asSentence,
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
/** Where lines go on below, nothing that is said in a sentence has to be cut. */
const SENTENCE_COLUMNS = 240;
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
  const [first = '', ...others] = linesOf(incident, mask, COLUMNS);
  const { state } = incident.lifecycle;
  const lead =
    state === 'resolved' ? overLine(incident, mask) : `${prefixOf(incident)}${nameOf(incident, mask)}: ${first}`;
  return [lead, ...others].map((line) => shortenToWidth(line, COLUMNS));
}

/** The same for where the title stands right above and lines go on below: what it says is not said again, and nothing is cut. */
export function belowTitleOf(incident: Incident, mask: Mask): string[] {
  const [first = '', ...others] = linesOf(incident, mask, SENTENCE_COLUMNS);
  return [aboutTitle(incident, first, mask), ...others].map((line) => shortenToWidth(line, SENTENCE_COLUMNS));
}

function prefixOf(incident: Incident): string {
  const test = syntheticPrefix(incident);
  if (incident.lifecycle.state === 'open') return test;
  return `${test}${isMerged(incident) ? 'Merged' : 'Resolved'}: `;
}

/** The first region tells of it from then on, and it may well go on there. */
function isMerged({ lifecycle }: Incident): boolean {
  return lifecycle.state === 'resolved' && lifecycle.by === 'merge';
}

function syntheticPrefix({ synthetic }: Incident): string {
  return synthetic === undefined ? '' : synthetic === 'canary' ? 'Canary: ' : 'Test notification: ';
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

/** What it is, without the name of the resource; who; what to do. */
function linesOf(incident: Incident, mask: Mask, columns: number): [string, string, string] {
  const finding = leadingFinding(incident);
  const cause = finding ? `${causeWords(finding, mask)}. ${summaryOf(finding, mask)}` : mask.text(seenWords(incident));
  if (incident.lifecycle.state === 'resolved')
    return [
      cause,
      finding ? shareLine(incident, finding, mask, columns) : refusedLine(incident, mask),
      finding ? fixLine(finding, mask, 'Prevent', columns) : nextStepLine(incident, mask),
    ];
  if (finding)
    return [
      cause,
      shareLine(incident, finding, mask, columns),
      planLine(incident, mask, columns) ?? fixLine(finding, mask, 'Fix', columns),
    ];
  if (incident.diagnosedAt !== undefined) return [cause, candidateLine(incident, mask), nextStepLine(incident, mask)];
  const rule = leadingSignal(incident)?.state.rule;
  return [
    cause,
    `Since ${timeWords(incident.openedAt)}${rule === undefined ? '' : `, alert rule ${mask.text(rule)}`}`,
    'Reading the evidence: who and why follow as the logs arrive, usually in 3-10 min',
  ];
}

/** The first line below a title that names resource and cause. */
function aboutTitle(incident: Incident, first: string, mask: Mask): string {
  const finding = leadingFinding(incident);
  if (incident.lifecycle.state !== 'resolved') return finding ? summaryOf(finding, mask) : asSentence(first);
  const lasted = lastedWords(incident);
  const what = finding ? summaryOf(finding, mask) : 'No cause was found';
  if (isMerged(incident)) return `Goes on in the first region. ${what}`;
  return lasted === undefined ? what : `Lasted ${lasted}. ${what}`;
}

function overLine(incident: Incident, mask: Mask): string {
  const finding = leadingFinding(incident);
  const lasted = lastedWords(incident);
  const cause = finding ? causeWords(finding, mask) : 'no cause was found';
  const ended = isMerged(incident) ? 'Merged' : 'Resolved';
  const after = lasted === undefined ? ended : `${ended} after ${lasted}`;
  return `${syntheticPrefix(incident)}${after}: ${nameOf(incident, mask)}, ${cause}`;
}

/** Undefined while it is open, and when its beginning never arrived. */
function lastedWords({ openedAt, lifecycle }: Incident): string | undefined {
  const seconds = lifecycle.state === 'resolved' ? secondsBetween(openedAt, lifecycle.at) : null;
  return seconds === null || seconds < 1 ? undefined : durationWords(seconds);
}

function summaryOf(finding: Finding, mask: Mask): string {
  return asSentence(mask.text(finding.summary));
}

function refusedLine(incident: Incident, mask: Mask): string {
  if (!incident.impact) return `It was: ${mask.text(troubleWords(incident))}`;
  const { requestsFailed, callersRefused } = incident.impact;
  return `${countWords(requestsFailed, 'request')} of ${countWords(callersRefused, 'caller')} refused`;
}

function candidateLine(incident: Incident, mask: Mask): string {
  const candidate = incident.findings.find((finding) => finding.verdict === 'inconclusive');
  return candidate
    ? `Cause not settled; it may be ${kindWords(mask.text(candidate.kind, 32))}. ${summaryOf(candidate, mask)}`
    : 'No cause found in what could be read';
}

function nextStepLine(incident: Incident, mask: Mask): string {
  const step = incident.notes.find((note) => note.nextStep !== undefined)?.nextStep;
  if (step !== undefined) return `Next: ${mask.text(step, OUTSIDE_TEXT_MAX)}`;
  return incident.lifecycle.state === 'resolved'
    ? 'Nothing is left to do here'
    : 'Next: it is read again as the logs arrive, up to 20 min after the start';
}

/** Who it is, how much of the refusals it explains, how many others are hurt. */
export function shareLine(
  incident: Pick<Incident, 'impact'>,
  finding: Finding,
  mask: Mask,
  columns: number = COLUMNS,
): string {
  if (!finding.caller && incident.impact?.requestsFailed === 0) return 'No request was refused so far';
  if (!finding.caller && !incident.impact && finding.role === 'condition' && finding.explains === 0)
    return 'No request is known to have been refused';
  const caller = finding.caller ? mask.caller(finding.caller) : 'No single caller; this cause';
  const tails = shareTails(incident.impact?.requestsFailed, finding);
  const tail = tails.find((candidate) => widthOf(caller + candidate) <= columns) ?? tails.at(-1) ?? '';
  return shortenMiddle(caller, columns - widthOf(tail)) + tail;
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

/** What can be done by a press of a button, or how it went; undefined without a plan. */
function planLine(incident: Incident, mask: Mask, columns: number): string | undefined {
  const plan = leadingPlan(incident);
  if (!plan) return undefined;
  const title = mask.text(plan.title);
  if (plan.state !== 'planned') return `${title}: ${outcomeWords(plan, incident, mask)}`;
  const label = plan.awaitsSecond ? 'Needs a second person' : 'To approve';
  return effectLine(label, title, plan, columns);
}

/** The title is cut before the predicted effect is; the peak gives way before the title becomes unreadable. */
export function fixLine(finding: Finding, mask: Mask, label: string, columns: number = COLUMNS): string {
  const [fix] = inOrderOfUse(finding.fixes);
  if (!fix) return 'No fix is needed for this cause, or none is known';
  return effectLine(label, mask.text(fix.title), fix, columns);
}

function effectLine(label: string, title: string, fix: Pick<Fix, 'predicted'>, columns: number): string {
  const room = (tail: string) => columns - widthOf(`${label}: ${tail}`);
  const tails = effectTails(fix);
  const tail =
    tails.find((candidate) => room(candidate) >= Math.min(widthOf(title), FIX_TITLE_MIN)) ?? tails.at(-1) ?? '';
  return `${label}: ${shortenToWidth(title, room(tail))}${tail}`;
}

function effectTails(fix: Pick<Fix, 'predicted'>): string[] {
  const effect = effectOf(fix);
  if (!effect) return [''];
  const refused = ` (${effect.refused})`;
  return effect.peak === undefined ? [refused] : [` (${effect.refused}, ${effect.peak})`, refused];
}
