import { drawSparkline } from '../../charts/sparkline.ts';
import type { ClassChart, FindingView } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { nameAll } from '../finding-view.ts';
import { TEXT_LIMITS } from '../text/limits.ts';
import {
  chartLines,
  headOf,
  INDENT,
  indented,
  type Line,
  noteLines,
  paint,
  snippetLines,
  spaced,
  type TextOptions,
} from '../text/lines.ts';
import { alignTable } from '../text/table.ts';
import { padToWidth, shortenToWidth, widthOf, wrap } from '../text/width.ts';
import { capitalise, numberWords } from '../words.ts';
import type { AnalysisReport } from './report.ts';

const CHART_ROWS = 4;
const CALLERS_MAX = 5;
const VICTIMS_MAX = 3;
const FACTS = { max: 6, lines: 2 };
const FIXES_MAX = 4;
const SNIPPET_LINES = 5;
const IMPORT = /^(?:import|from|using|package)\s/;
const SPARK_COLUMNS = 30;
/** A class that stays below this share of its limit is not worth a line. */
const SPARK_SHARE = 0.1;

const TITLE_CODES: Record<AnalysisReport['trouble'], string> = { none: '1;32', open: '1;33', told: '1;31' };

/**
 * A report as at most 40 lines of at most 80 columns, without a final line break. The first three lines are the lead.
 * What does not fit is dropped, least important first: further notes and causes, the snippet, the last callers.
 */
export function renderReportText(report: AnalysisReport, options: TextOptions = {}): string {
  const columns = columnsOf(options);
  const [first, ...others] = report.findings;
  const [main, ...more] = report.charts;
  const parts: Part<Line>[] = [
    { rank: 1, items: headLines(report, columns) },
    { rank: 4, items: chartLines(main?.chart, columns, CHART_ROWS), whole: true },
    { rank: 8, items: more.flatMap((each) => sparkLine(each, columns)) },
    { rank: 5, items: callerLines(report, columns), heads: 2 },
    { rank: 8, items: moreCallersLine(report) },
    { rank: 2, items: first ? spaced(causeLines(first, report, columns)) : [] },
    { rank: 6, items: first ? snippetLines(withoutImports(first), SNIPPET_LINES) : [], whole: true },
    ...others.map((finding, index) => ({ rank: index === 0 ? 4 : 7, items: otherCause(finding, index + 1, columns) })),
    { rank: 3, items: spaced([...ceilingLines(report, columns), ...impactLines(report, columns)]) },
    ...report.notes.map((note, index) => ({
      rank: index < report.intakeNotes ? 3 : 7,
      items: noteLines(note, columns),
      whole: true,
    })),
  ];
  const { kept, shortened } = keepWithin(parts, (lines) => lines.length < TEXT_LIMITS.lines);
  const footer: Line[] = shortened
    ? [{ text: 'Shortened to fit; --format markdown shows all of it', style: 'faint' }]
    : [];
  return [...kept, ...footer]
    .map((line) =>
      paint(
        { ...line, text: shortenToWidth(line.text, columns) },
        TITLE_CODES[report.trouble],
        options.colour ?? false,
      ),
    )
    .join('\n');
}

function columnsOf(options: TextOptions): number {
  return Math.min(TEXT_LIMITS.columns, Math.max(40, Math.floor(options.columns ?? TEXT_LIMITS.columns)));
}

/** The three lines that a report begins with, where there is no room for the rest. */
export function renderReportHead(report: AnalysisReport, options: TextOptions = {}): string {
  const columns = columnsOf(options);
  return headLines(report, columns)
    .map((line) => paint(line, TITLE_CODES[report.trouble], options.colour ?? false))
    .join('\n');
}

function headLines(report: AnalysisReport, columns: number): Line[] {
  return [
    ...[0, 1, 2].map((index): Line => {
      const text = shortenToWidth(report.lead[index] ?? '', columns);
      return index === 0 ? { text, style: 'title' } : { text };
    }),
    { text: shortenToWidth(report.status, columns), style: 'faint' },
  ];
}

/** The first cause: who is hurt, what was measured, what each fix would change. */
function causeLines(finding: FindingView, { lead }: AnalysisReport, columns: number): Line[] {
  const facts = finding.facts.slice(0, FACTS.max).map(({ label, value }) => `${label} ${value}`);
  const victims = nameAll(finding.victims, VICTIMS_MAX).join(', ');
  return [
    headOf(finding, 0),
    // The first line has said it, unless it was cut there.
    ...(lead[0]?.toLowerCase().endsWith(finding.summary.toLowerCase())
      ? []
      : indented(capitalise(finding.summary), columns)),
    ...(victims === '' ? [] : indented(`Hurt: ${victims}`, columns)),
    ...factLines(facts, columns),
    ...finding.fixes.slice(0, FIXES_MAX).flatMap((fix) => fixLines(fix, columns)),
  ];
}

/** A few lines of code say more when they are not spent on what it imports. */
function withoutImports(finding: FindingView): FindingView {
  const fixes = finding.fixes.map((fix) => {
    if (fix.snippet === undefined) return fix;
    const lines = fix.snippet.text.split('\n').filter((line) => line.trim() !== '' && !IMPORT.test(line));
    return { ...fix, snippet: { ...fix.snippet, text: lines.join('\n') } };
  });
  return { ...finding, fixes };
}

/** As many whole facts as there is room for. */
function factLines(facts: readonly string[], columns: number): Line[] {
  for (let kept = facts.length; kept > 0; kept--) {
    const lines = indented(facts.slice(0, kept).join(' · '), columns, FACTS.lines + 1);
    if (lines.length <= FACTS.lines || kept === 1) return lines.slice(0, FACTS.lines);
  }
  return [];
}

function otherCause(finding: FindingView, index: number, columns: number): Line[] {
  const [fix] = finding.fixes;
  return [
    headOf(finding, index),
    ...indented(capitalise(finding.summary), columns),
    ...(fix ? fixLines(fix, columns) : []),
  ];
}

/** That a peak is a share of the limit has been said by the lead. */
function fixLines(fix: FindingView['fixes'][number], columns: number): Line[] {
  const effect = fix.effect === undefined ? '' : ` (${fix.effect.replace(/ of the limit$/, '')})`;
  const whole = `${INDENT}- ${fix.title}${effect}`;
  return widthOf(whole) <= columns ? [{ text: whole }] : indented(whole.trimStart(), columns);
}

/** A class beside the main one, over the same stretch of time. */
function sparkLine({ class: name, chart }: ClassChart, columns: number): Line[] {
  const drawn = drawSparkline(chart, SPARK_COLUMNS);
  const limit = chart.limit?.value ?? 0;
  if (drawn === null || drawn.peak < SPARK_SHARE * limit) return [];
  const peak = `peak ${numberWords(drawn.peak)} of ${numberWords(limit)}`;
  return [{ text: shortenToWidth(`${padToWidth(name, 10)} ${drawn.line}  ${peak}`, columns) }];
}

function moreCallersLine({ callers, moreCallers }: AnalysisReport): Line[] {
  const left = Math.max(0, callers.rows.length - CALLERS_MAX) + moreCallers;
  return left === 0 ? [] : [{ text: `and ${numberWords(left)} more`, style: 'faint' }];
}

function callerLines({ callers }: AnalysisReport, columns: number): Line[] {
  const rows = callers.rows.slice(0, CALLERS_MAX);
  if (rows.length === 0) return [];
  const [head = '', , ...lines] = alignTable({ columns: callers.columns, rows }, columns);
  return spaced([{ text: head, style: 'heading' }, ...lines.map((text) => ({ text }))]);
}

/** The limit that was nearest, and those that were seen to hold. */
function ceilingLines({ ceilings }: AnalysisReport, columns: number): Line[] {
  const told = ceilings.filter(({ observed }, index) => index === 0 || observed);
  if (told.length === 0) return [];
  return wrap(`Limits: ${told.map(({ text }) => text).join('; ')}`, columns)
    .slice(0, 2)
    .map((text) => ({ text }));
}

function impactLines({ impactLine }: AnalysisReport, columns: number): Line[] {
  if (impactLine === '') return [];
  return wrap(`Impact: ${impactLine}`, columns)
    .slice(0, 2)
    .map((text) => ({ text }));
}
