import type {
  AnalysedResource,
  ClassCeiling,
  ClassChart,
  Field,
  FindingView,
  Impact,
  LogAnalysis,
  Note,
  Privacy,
  ResourceAnalysis,
  SkippedInput,
} from '../../model.ts';
import { impactOf } from '../facts.ts';
import { viewFinding } from '../finding-view.ts';
import { createMask, type Mask } from '../privacy.ts';
import { clockWords, countWords, durationWords, numberWords, percentWords, timeWords } from '../words.ts';
import { intakeNotes } from './intake.ts';
import { analysisLead, analysisTitle } from './lead.ts';

type Table = { columns: string[]; rows: string[][] };

/** One resource of an analysis as a reader sees it: clean, bounded, masked text; each renderer escapes for its platform. */
export type AnalysisReport = {
  title: string;
  /** Three lines of at most 80 columns. */
  lead: string[];
  /** What was looked into, and how much of it was refused: one line. */
  status: string;
  trouble: 'none' | 'open' | 'told';
  charts: ClassChart[];
  callers: Table;
  /** How many callers the table leaves out. */
  moreCallers: number;
  findings: FindingView[];
  /** Published and observed, one a class, the one nearest to its limit first. */
  ceilings: { text: string; observed: boolean }[];
  impact: Field[];
  /** The same in one sentence; empty where nobody was hurt. */
  impactLine: string;
  /** What was left out of the files, then the rest. */
  notes: Note[];
  intakeNotes: number;
};

export type ReportOptions = {
  privacy: Privacy;
  intake: Pick<LogAnalysis, 'skipped' | 'foreign' | 'left'>;
  /** What was left out of the files stands among the notes of this report, and of no other. */
  tellsIntake: boolean;
};

const CALLERS_MAX = 10;
const FINDINGS_MAX = 24;
const NOTES_MAX = 16;
const NOTE_MAX = 400;
const CLASS_MAX = 40;
/** Further apart than this the published limit is not the one that holds; the replay then counts with what was observed. */
const DISAGREES_SHARE = 0.15;
const LOST_SHARE_MAX = 0.05;

/** What a reader is shown of one resource. */
export function buildReport(analysis: ResourceAnalysis, options: ReportOptions): AnalysisReport {
  const { told } = analysis;
  const mask = createMask(told, options.privacy, true);
  const nextStep = analysis.notes.find((note) => note.nextStep !== undefined)?.nextStep;
  const intake = options.tellsIntake ? intakeNotes(options.intake) : [];
  const sure = told.findings.some(({ verdict }) => verdict === 'confirmed' || verdict === 'likely');
  return {
    title: analysisTitle(told, mask),
    lead: analysisLead(told, { nextStep, wholly: isWhole(options.intake.skipped) }, mask),
    status: statusOf(analysis),
    trouble: sure ? 'told' : told.totals.throttled > 0 ? 'open' : 'none',
    charts: analysis.charts.map((each) => ({ ...each, class: mask.text(each.class, CLASS_MAX) })),
    callers: callersOf(analysis, mask),
    moreCallers: Math.max(0, told.callers.length - CALLERS_MAX),
    findings: told.findings.slice(0, FINDINGS_MAX).map((finding) => viewFinding(finding, mask)),
    ceilings: told.ceilings.map((ceiling) => ({
      text: ceilingWords(ceiling, isNearlyWhole(options.intake.skipped, told), mask),
      observed: ceiling.observed !== null,
    })),
    impact: told.impact.requestsFailed === 0 ? [] : impactOf(told.impact, mask),
    impactLine: impactWords(told.impact),
    notes: [...intake, ...analysis.notes].slice(0, NOTES_MAX).map((note) => maskNote(note, mask)),
    intakeNotes: intake.length,
  };
}

function isWhole({ lines, files }: SkippedInput): boolean {
  return lines === 0 && files.length === 0;
}

function statusOf({ told: { window, totals } }: ResourceAnalysis): string {
  const share = totals.throttled === 0 ? '' : ` (${percentWords(totals.throttled / totals.requests)})`;
  return (
    `${timeWords(window.from).replace(' UTC', '')} to ${clockWords(window.to, window.from)} · ` +
    `${countWords(totals.requests, 'request')}, ${numberWords(totals.throttled)} refused${share}`
  );
}

function callersOf({ told }: ResourceAnalysis, mask: Mask): Table {
  return {
    columns: ['Caller', 'Requests', 'Refused', 'Share', 'Client'],
    rows: told.callers
      .slice(0, CALLERS_MAX)
      .map((caller) => [
        mask.caller(caller),
        numberWords(caller.requests),
        numberWords(caller.throttled),
        percentWords(caller.share),
        mask.text(caller.client ?? '', 120),
      ]),
  };
}

/** Where lines are lost, more was served than the log holds: then nothing disagrees. */
function isNearlyWhole({ lines, files }: SkippedInput, { totals }: AnalysedResource): boolean {
  return files.length === 0 && lines <= LOST_SHARE_MAX * totals.requests;
}

function ceilingWords(
  { class: name, windowSeconds, published, observed }: ClassCeiling,
  mayDisagree: boolean,
  mask: Mask,
): string {
  const limit = `${mask.text(name, CLASS_MAX)} ${numberWords(published)} in ${windowSeconds} s published`;
  if (observed === null) return `${limit}, none observed`;
  const { median, p10, p90 } = observed;
  // Where refused requests count as well, a storm that never pauses is served nothing.
  if (median === 0) return `${limit}, none served while refused`;
  const spread = p10 === p90 ? '' : ` (${numberWords(p10)} to ${numberWords(p90)})`;
  const seen = `${limit}, ${numberWords(median)} observed${spread}`;
  return mayDisagree && Math.abs(median - published) > DISAGREES_SHARE * published ? `${seen}: they disagree` : seen;
}

function impactWords(impact: Impact): string {
  if (impact.requestsFailed === 0) return '';
  const burn =
    impact.errorBudgetBurn === null ? '' : `; error budget burnt ${numberWords(impact.errorBudgetBurn)} × too fast`;
  return (
    `${countWords(impact.callersRefused, 'caller')} refused ${numberWords(impact.requestsFailed)} times, ` +
    `over the limit for ${durationWords(impact.minutesOver * 60)}, ${impact.pattern}${burn}`
  );
}

function maskNote(note: Note, mask: Mask): Note {
  const text = mask.text(note.text, NOTE_MAX);
  return note.nextStep === undefined ? { text } : { text, nextStep: mask.text(note.nextStep, NOTE_MAX) };
}
