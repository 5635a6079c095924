import { drawColumns } from '../../charts/columns.ts';
import type { Chart, Field, FindingView, Note } from '../../model.ts';
import { findingWords } from '../finding-view.ts';
import { cleanBlock, cleanLine } from '../plain.ts';
import { kindWords } from '../words.ts';
import { wrap } from './width.ts';

export type TextOptions = {
  /** 40 to 80; default 80. */
  columns?: number;
  /** Terminal colours for the first line and the headings; default none. */
  colour?: boolean;
};

const CHART_ROWS = 6;
const SNIPPET_LINES = 6;
const ESC = String.fromCharCode(0x1b);

/** A line and how it is coloured: widths are measured before colour is added. */
export type Line = { text: string; style?: 'title' | 'heading' | 'faint' };

const BLANK: Line = { text: '' };

export function spaced(lines: Line[]): Line[] {
  return lines.length === 0 ? [] : [BLANK, ...lines];
}

/** The chart with its title and legend; none when nothing was measured. */
export function chartLines(chart: Chart | undefined, columns: number, rows = CHART_ROWS): Line[] {
  const drawn = chart && drawColumns(chart, { columns, rows });
  if (!chart || !drawn) return [];
  const title = `${cleanLine(chart.title, 80)}, ${cleanLine(chart.unit, 40)}`;
  return spaced([
    { text: title, style: 'heading' },
    ...drawn.plot.map((text) => ({ text })),
    { text: drawn.legend, style: 'faint' },
  ]);
}

export const INDENT = '   ';

export function headOf(finding: FindingView, index: number): Line {
  const kind = kindWords(cleanLine(finding.kind, 60));
  const verdict = findingWords(finding, '');
  return { text: `${index + 1}. ${kind}: ${verdict}`, style: 'heading' };
}

export function indented(text: string, columns: number, max = 2): Line[] {
  const hang = text.startsWith('- ') ? '  ' : '';
  return wrap(cleanLine(text, 400), columns - INDENT.length - 2)
    .slice(0, max)
    .map((line, place) => ({ text: INDENT + (place > 0 ? hang : '') + line }));
}

function fixText(fix: FindingView['fixes'][number]): string {
  return fix.effect === undefined ? `- ${fix.title}` : `- ${fix.title} (${fix.effect})`;
}

/** The first cause in full. */
export function findingLines(finding: FindingView, index: number, columns: number): Line[] {
  const facts = finding.facts.slice(0, 6).map((fact) => `${fact.label} ${fact.value}`);
  return [
    headOf(finding, index),
    ...indented(finding.summary, columns, 3),
    ...(finding.victims.length > 0 ? indented(`Hurt: ${finding.victims.join(', ')}`, columns) : []),
    ...(facts.length > 0 ? indented(facts.join(' · '), columns, 3) : []),
    ...finding.fixes.slice(0, 3).flatMap((fix) => indented(fixText(fix), columns)),
  ];
}

/** Causes beside the first: what it is and its first fix. */
export function otherLines(finding: FindingView, index: number, columns: number): Line[] {
  const fix = finding.fixes[0];
  return [
    headOf(finding, index),
    ...indented(finding.summary, columns),
    ...(fix ? indented(fixText(fix), columns) : []),
  ];
}

/** The first snippet that a fix of the cause has. */
export function snippetLines(finding: FindingView, max = SNIPPET_LINES): Line[] {
  const snippet = finding.fixes.find((fix) => fix.snippet !== undefined)?.snippet;
  if (!snippet) return [];
  const lines = cleanBlock(snippet.text, max, 120).split('\n');
  return lines.map((line) => ({ text: `${INDENT}| ${line}`.trimEnd() }));
}

export function noteLines(note: Note, columns: number): Line[] {
  const whole = note.nextStep === undefined ? note.text : `${note.text} Next: ${note.nextStep}`;
  return wrap(cleanLine(whole, 400), columns - 2)
    .slice(0, 4)
    .map((line, index) => ({ text: index === 0 ? `! ${line}` : `  ${line}` }));
}

/** Who was hurt and how long, in at most three lines. */
export function impactLines(impact: readonly Field[], columns: number): Line[] {
  const fields = impact.map((field) => `${cleanLine(field.label, 40).toLowerCase()} ${cleanLine(field.value)}`);
  if (fields.length === 0) return [];
  return wrap(`Impact: ${fields.join(' · ')}`, columns)
    .slice(0, 3)
    .map((text) => ({ text }));
}

/**
 * The line as a terminal takes it.
 *
 * @param titleCode colours of the first line, such as `1;31`
 */
export function paint(line: Line, titleCode: string, colour: boolean): string {
  if (!colour || line.style === undefined) return line.text;
  const code = { title: titleCode, heading: '1', faint: '2' }[line.style];
  return `${ESC}[${code}m${line.text}${ESC}[0m`;
}
