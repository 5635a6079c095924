import { drawColumns } from '../../charts/columns.ts';
import type { FindingView, Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { linkLabel } from '../icons.ts';
import { cleanBlock, cleanLine, safeUrl } from '../plain.ts';
import { kindWords, timeWords, verdictWords } from '../words.ts';
import { TEXT_LIMITS } from './limits.ts';
import { padToWidth, shortenToWidth, widthOf, wrap } from './width.ts';

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
type Line = { text: string; style?: 'title' | 'heading' | 'faint' };

/**
 * A message as at most 40 lines of at most 80 columns (`widthOf`), without a final line break.
 *
 * The first three lines are the lead: resource, cause in words, caller, share explained, first fix. What does not fit is
 * dropped: timeline first, then the snippet and the alert's facts. Nothing in it moves the cursor or turns the direction of text.
 */
export function renderText(message: Message, options: TextOptions = {}): string {
  const columns = Math.min(TEXT_LIMITS.columns, Math.max(40, Math.floor(options.columns ?? TEXT_LIMITS.columns)));
  const [first, ...others] = message.findings;
  const parts: Part<Line>[] = [
    { rank: 1, items: leadLines(message, columns) },
    { rank: 3, items: chartLines(message, columns), whole: true },
    { rank: 2, items: spaced(first ? findingLines(first, 0, columns) : []) },
    ...others.map((finding, index) => ({ rank: 5, items: otherLines(finding, index + 1, columns) })),
    { rank: 7, items: first ? snippetLines(first) : [], whole: true },
    { rank: 4, items: spaced(impactLines(message, columns)), whole: true },
    ...message.notes.map((note, index) => ({
      rank: 4,
      items: index === 0 && !message.impact ? spaced(noteLines(note, columns)) : noteLines(note, columns),
      whole: true,
    })),
    { rank: 6, items: spaced(fieldLines('Alert', message.facts, columns)), heads: 2 },
    { rank: 5, items: linkLines(message, columns) },
    { rank: 8, items: timelineLines(message, columns), heads: 1 },
  ];
  const { kept, shortened } = keepWithin(parts, (lines) => lines.length < TEXT_LIMITS.lines);
  const footer: Line = {
    text: `incident ${cleanLine(message.incidentId, 60)}${shortened ? ' · shortened to fit' : ''}`,
    style: 'faint',
  };
  return [...kept, footer]
    .map((line) => paint({ ...line, text: shortenToWidth(line.text, columns) }, message, options.colour ?? false))
    .join('\n');
}

function leadLines(message: Message, columns: number): Line[] {
  const lead = [0, 1, 2].map((index) => shortenToWidth(cleanLine(message.lead[index] ?? '', 240), columns));
  return [
    ...lead.map((text, index): Line => (index === 0 ? { text, style: 'title' } : { text })),
    ...wrap(cleanLine(message.status, 300), columns)
      .slice(0, 3)
      .map((text): Line => ({ text, style: 'faint' })),
  ];
}

const BLANK: Line = { text: '' };

function spaced(lines: Line[]): Line[] {
  return lines.length === 0 ? [] : [BLANK, ...lines];
}

function chartLines(message: Message, columns: number): Line[] {
  const { chart } = message;
  const drawn = chart && drawColumns(chart, { columns, rows: CHART_ROWS });
  if (!chart || !drawn) return [];
  const title = `${cleanLine(chart.title, 80)}, ${cleanLine(chart.unit, 40)}`;
  return spaced([
    { text: title, style: 'heading' },
    ...drawn.plot.map((text) => ({ text })),
    { text: drawn.legend, style: 'faint' },
  ]);
}

const INDENT = '   ';

function headOf(finding: FindingView, index: number): Line {
  const kind = kindWords(cleanLine(finding.kind, 60));
  const verdict = `${verdictWords(finding.verdict)} ${finding.role}, explains ${finding.explainsPercent} %`;
  return { text: `${index + 1}. ${kind}: ${verdict}`, style: 'heading' };
}

function indented(text: string, columns: number, max = 2): Line[] {
  const hang = text.startsWith('- ') ? '  ' : '';
  return wrap(cleanLine(text, 400), columns - INDENT.length - 2)
    .slice(0, max)
    .map((line, place) => ({ text: INDENT + (place > 0 ? hang : '') + line }));
}

function fixText(fix: FindingView['fixes'][number]): string {
  return fix.effect === undefined ? `- ${fix.title}` : `- ${fix.title} (${fix.effect})`;
}

function findingLines(finding: FindingView, index: number, columns: number): Line[] {
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
function otherLines(finding: FindingView, index: number, columns: number): Line[] {
  const fix = finding.fixes[0];
  return [
    headOf(finding, index),
    ...indented(finding.summary, columns),
    ...(fix ? indented(fixText(fix), columns) : []),
  ];
}

function snippetLines(finding: FindingView): Line[] {
  const snippet = finding.fixes.find((fix) => fix.snippet !== undefined)?.snippet;
  if (!snippet) return [];
  const lines = cleanBlock(snippet.text, SNIPPET_LINES, 120).split('\n');
  return lines.map((line) => ({ text: `${INDENT}| ${line}`.trimEnd() }));
}

function noteLines(note: Message['notes'][number], columns: number): Line[] {
  const whole = note.nextStep === undefined ? note.text : `${note.text} Next: ${note.nextStep}`;
  return wrap(cleanLine(whole, 400), columns - 2)
    .slice(0, 4)
    .map((line, index) => ({ text: index === 0 ? `! ${line}` : `  ${line}` }));
}

function impactLines(message: Message, columns: number): Line[] {
  const fields = (message.impact ?? []).map(
    (field) => `${cleanLine(field.label, 40).toLowerCase()} ${cleanLine(field.value)}`,
  );
  if (fields.length === 0) return [];
  return wrap(`Impact: ${fields.join(' · ')}`, columns)
    .slice(0, 3)
    .map((text) => ({ text }));
}

const LABEL_COLUMNS = 20;

function fieldLines(title: string, fields: Message['facts'], columns: number): Line[] {
  if (fields.length === 0) return [];
  const labels = fields.map((field) => shortenToWidth(cleanLine(field.label, 40), LABEL_COLUMNS));
  const width = labels.reduce((widest, label) => Math.max(widest, widthOf(label)), 0);
  const lines = fields.flatMap((field, index) =>
    wrap(cleanLine(field.value, 300), columns - width - 4)
      .slice(0, 2)
      .map((value, place) => ({ text: `  ${padToWidth(place === 0 ? (labels[index] ?? '') : '', width)}  ${value}` })),
  );
  return [{ text: title, style: 'heading' }, ...lines];
}

function linkLines(message: Message, columns: number): Line[] {
  // An address is never cut: half a link leads elsewhere.
  return message.links.flatMap(({ label, url }) => {
    const safe = safeUrl(url);
    if (safe === null) return [];
    const whole = `${cleanLine(linkLabel(label, url), 60)}: ${safe}`;
    return whole.length <= columns ? [{ text: whole }] : [];
  });
}

function timelineLines(message: Message, columns: number): Line[] {
  if (message.timeline.length === 0) return [];
  const lines = message.timeline.map((entry) => ({
    text: shortenToWidth(`  ${timeWords(entry.at)}  ${cleanLine(entry.text)}`, columns),
  }));
  return [{ text: 'Timeline', style: 'heading' }, ...lines];
}

function paint(line: Line, message: Message, colour: boolean): string {
  if (!colour || line.style === undefined) return line.text;
  const code = { title: titleCode(message), heading: '1', faint: '2' }[line.style];
  return `${ESC}[${code}m${line.text}${ESC}[0m`;
}

function titleCode(message: Message): string {
  if (message.state === 'resolved') return '1;32';
  if (message.severity <= 1 && message.synthetic === undefined) return '1;31';
  return message.severity === 2 ? '1;33' : '1;36';
}
