import { drawColumns } from '../../charts/columns.ts';
import type { Chart, Field, FindingView, Note } from '../../model.ts';
import { findingWords } from '../finding-view.ts';
import { capitalise, kindWords } from '../words.ts';
import { TEXT_LIMITS } from './limits.ts';
import { escapeMarkdown, fence, markdownTable } from './markdown-escape.ts';

/** Lines under a heading; nothing without lines. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}\n\n${lines.join('\n')}`];
}

export function chartSection(chart: Chart | undefined): string[] {
  const drawn = chart && drawColumns(chart, { columns: TEXT_LIMITS.columns, rows: 8 });
  if (!chart || !drawn) return [];
  const title = `${escapeMarkdown(chart.title, 80)} (${escapeMarkdown(chart.unit, 40)})`;
  return [title, '', fence([...drawn.plot, drawn.legend].join('\n'), 'text')];
}

/** A cause with its facts, fixes and snippets. */
export function findingSection(finding: FindingView, index: number): string {
  const lines = [
    `## ${index + 1}. ${escapeMarkdown(kindWords(finding.kind), 60)}`,
    '',
    `${capitalise(findingWords(finding))}. ${escapeMarkdown(finding.summary, 400)}`,
    '',
  ];
  if (finding.caller !== undefined) lines.push(`- Caller: ${escapeMarkdown(finding.caller)}`);
  if (finding.victims.length > 0) lines.push(`- Hurt: ${escapeMarkdown(finding.victims.join(', '), 400)}`);
  for (const fact of finding.facts) lines.push(`- ${escapeMarkdown(fact.label, 80)}: ${escapeMarkdown(fact.value)}`);
  if (finding.fixes.length > 0) lines.push('', '### Fixes', '');
  for (const [place, fix] of finding.fixes.entries()) {
    const effect = fix.effect === undefined ? '' : `: ${escapeMarkdown(fix.effect)}`;
    lines.push(`${place + 1}. ${escapeMarkdown(fix.title)}${effect}`);
    if (fix.snippet) lines.push('', fence(fix.snippet.text, fix.snippet.language), '');
  }
  return lines.join('\n').trimEnd();
}

export function fieldTable(fields: readonly Field[]): string[] {
  return markdownTable(
    ['What', 'Value'],
    fields.map((field) => [field.label, field.value]),
  );
}

export function noteList(notes: readonly Note[]): string[] {
  return notes.map((note) => {
    const next = note.nextStep === undefined ? '' : ` **Next:** ${escapeMarkdown(note.nextStep, 400)}`;
    return `- ${escapeMarkdown(note.text, 400)}${next}`;
  });
}
