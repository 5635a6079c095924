import { countWords, numberWords, percentWords } from '../chat/words.ts';
import { leastCompleteness, SETTLED_COMPLETENESS } from '../evidence/completeness.ts';
import { coverage } from '../evidence/coverage.ts';
import { load } from '../evidence/load.ts';
import { baselineOf, rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import type { WhatIf } from '../fixes/what-if.ts';
import type { Evidence, Finding, Note, Reading, SignalState, Window } from '../model.ts';
import { besideLogs } from './beside-logs.ts';
import { countedNote, isRefusedByMetrics, logLinesNote } from './by-metrics.ts';

/** A last record this much older than the end of the window may mean that the rest has not arrived. */
const LATE_MS = 300_000;
/** Refusals without identity above this share are worth a word. */
const INFERRED_SHARE = 0.05;

export type NotesInput = {
  evidence: Evidence;
  findings: readonly Finding[];
  whatIf: WhatIf | null;
  signals: readonly SignalState[];
  refused: number;
  /** What was left out of the log files is said elsewhere. */
  intakeApart: boolean;
};

/** What the answer rests on, what could not be read, and what to do about it; most important first. */
export function writeNotes(input: NotesInput): Note[] {
  return [
    ...completenessNotes(input.evidence),
    ...countedNotes(input),
    ...unreadNotes(input.evidence),
    ...coverageNotes(input),
    ...causeNotes(input),
    ...limitNotes(input),
  ];
}

/** What the answer rests on (design §6), where the metrics tell; and what a store left out of its answer. */
function completenessNotes(evidence: Evidence): Note[] {
  const notes: Note[] = [];
  const completeness = leastCompleteness(evidence);
  if (completeness !== null)
    notes.push({
      text:
        completeness >= SETTLED_COMPLETENESS
          ? `Rests on ${percentWords(completeness)} of the load.`
          : `Rests on ${percentWords(completeness)} of the load so far: the log is still arriving.`,
    });
  const cut = evidence.readings.some(
    (reading) => reading.state === 'read' && reading.window === 'incident' && reading.truncated,
  );
  if (cut) notes.push({ text: 'The log store cut its answer short, so nothing is called confirmed.' });
  return notes;
}

/** What the metrics count, for as long as no log shows what was refused; and what lines of other logs say. */
function countedNotes({ evidence, refused }: NotesInput): Note[] {
  const isOpen = rowsOf(evidence, timeline) === null || isRefusedByMetrics(evidence);
  const notes = [refused === 0 && isOpen ? countedNote(evidence) : null, logLinesNote(evidence)];
  return notes.filter((note) => note !== null);
}

const WHY: Readonly<Record<Extract<Reading, { state: 'unavailable' }>['why'], string>> = {
  'not-configured': 'No log of this resource is at hand, so who and why stay open.',
  denied: 'The log of this resource may not be read, so who and why stay open.',
  throttled: 'The log store refused to answer for now.',
  'timed-out': 'The log store did not answer in time.',
  unreachable: 'The log of this resource could not be read.',
  unsupported: 'Part of the evidence cannot be asked of this log store.',
  'over-budget': 'Reading the log would have taken more than is allowed.',
};

/** One note for each reason, however many kinds it concerns. */
function unreadNotes(evidence: Evidence): Note[] {
  const notes = new Map<string, Note & { kinds: Set<string> }>();
  for (const reading of evidence.readings) {
    if (reading.state !== 'unavailable' || reading.window !== 'incident') continue;
    // What one store could not give, another may have given.
    const elsewhere = evidence.readings.some(
      ({ kind, window, state }) => kind === reading.kind && window === 'incident' && state === 'read',
    );
    if (elsewhere) continue;
    const { why, nextStep, kind } = reading;
    const key = `${why} ${nextStep}`;
    const note = notes.get(key) ?? { text: WHY[why], nextStep, kinds: new Set() };
    note.kinds.add(kind);
    notes.set(key, note);
  }
  return [...notes.values()].map(({ kinds, text, ...note }) => ({ text: besideLogs(kinds) ?? text, ...note }));
}

function coverageNotes({ evidence, refused, signals, intakeApart }: NotesInput): Note[] {
  const [held] = rowsOf(evidence, coverage) ?? [];
  if (held === undefined) return [];
  const notes: Note[] = [];
  if (held.skippedFiles > 0 && !intakeApart)
    notes.push({
      text: `${countWords(held.skippedFiles, 'log file')} could not be read, or only in part.`,
      nextStep: 'Check that the files are whole and readable, then ask again',
    });
  if (held.oneAddressIn > 1)
    notes.push({
      text: `The log is too large to be read whole: one in ${numberWords(held.oneAddressIn)} of its addresses, and each busy one, stands for all.`,
      nextStep: 'Ask for a shorter time where exact counts matter',
    });
  if (held.unreadable > 0 && !intakeApart)
    notes.push({
      text: `${countWords(held.unreadable, 'line')} in the log files are no audit records and were left out.`,
    });
  if (held.requests === 0) {
    notes.push({
      text: `The log holds no request of this resource from ${clock(held.fromMs)} to ${clock(held.toMs)}.`,
      nextStep:
        'Audit records arrive 3 to 10 min late; if they are long due, check that the export is of this resource and time',
    });
    return notes;
  }
  if (held.lastMs !== null && held.toMs - held.lastMs > LATE_MS)
    notes.push({
      text: `The last record in the log is of ${clock(held.lastMs)}; what came later may not have arrived yet.`,
    });
  if (refused === 0 && signals.some(isThrottleSignal))
    notes.push({
      text: 'The alert counts refused requests, but the log that has arrived so far shows none.',
      nextStep: 'Audit records arrive 3 to 10 min late: it is read again then',
    });
  const uncertain = held.inferred + held.unattributed;
  if (refused > 0 && uncertain > INFERRED_SHARE * refused)
    notes.push({
      text: `${countWords(uncertain, 'refusal')} carried no identity; ${numberWords(held.inferred)} of them were given the caller that asked next from the same address.`,
    });
  return notes;
}

function causeNotes({ evidence, findings, refused }: NotesInput): Note[] {
  const read = rowsOf(evidence, timeline);
  if (read === null) return [];
  if (refused === 0) return [];
  // Without the load no cause was looked for: why it was not read is said elsewhere.
  if (rowsOf(evidence, load) === null) return [];
  const notes: Note[] = [];
  if (findings.length === 0)
    notes.push({
      text: 'No known cause fits what the log shows.',
      nextStep: 'Look at who was refused most, and whether the load has simply grown',
    });
  const baseline = baselineOf(evidence, 'callers');
  notes.push({
    text:
      baseline === null
        ? 'The log reaches back to no normal state to compare with, so no cause is called confirmed.'
        : `Compared with ${BASELINE_WORDS[baseline]}.`,
  });
  return notes;
}

const BASELINE_WORDS: Readonly<Record<Window, string>> = {
  incident: 'the same time',
  'day-before': 'the same time a day before',
  'week-before': 'the same time a week before',
  'hour-before': 'the hour before the first refusal',
};

function limitNotes({ whatIf }: NotesInput): Note[] {
  if (whatIf === null) return [];
  const { limit, model, faithful } = whatIf;
  const notes: Note[] = [];
  if (faithful && model.max !== limit.max)
    notes.push({
      text: `While it refused, the service was seen to serve ${countWords(Math.round(model.max), 'request')} in ${limit.windowSeconds} s; the limit that is configured says ${numberWords(limit.max)}.`,
      nextStep: 'Check which limit holds for this resource, and set HEADROOM_LIMITS if it is another',
    });
  if (faithful && model.countsRefused !== limit.countsRefused)
    notes.push({
      text: model.countsRefused
        ? 'Refused requests seem to use the limit up as well, though the configured limit says that they do not.'
        : 'Refused requests seem not to use the limit up, though the configured limit says that they do.',
    });
  if (!faithful)
    notes.push({
      text: 'The configured limit does not explain when requests were refused, so no effect of a fix is predicted.',
    });
  return notes;
}

function isThrottleSignal(state: SignalState): boolean {
  return state.signals.some(
    ({ dimensions, metric }) => Object.values(dimensions).includes('429') || /throttl/i.test(metric),
  );
}

/** `2026-01-05 10:03 UTC`. */
function clock(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
