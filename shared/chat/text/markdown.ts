import { drawColumns } from '../../charts/columns.ts';
import type { FindingView, Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { linkLabel } from '../icons.ts';
import { safeUrl } from '../plain.ts';
import { kindWords, timeWords, verdictWords } from '../words.ts';
import { MARKDOWN_LIMITS, TEXT_LIMITS } from './limits.ts';
import { escapeMarkdown, fence, markdownLink, markdownTable } from './markdown-escape.ts';

/**
 * A message as a Markdown document (CommonMark with tables), in the order of a post-incident note: what, who was hurt,
 * causes and fixes, what is not known, timeline. Below 60,000 characters; sections that do not fit are dropped.
 */
export function renderMarkdown(message: Message): string {
  const parts: Part<string>[] = [
    { rank: 1, items: [headSection(message)] },
    { rank: 3, items: section('Load', chartSection(message)) },
    { rank: 4, items: section('Impact', fieldTable(message.impact ?? [])) },
    ...message.findings.map((finding, index) => ({
      rank: index === 0 ? 2 : 5,
      items: [findingSection(finding, index)],
    })),
    { rank: 3, items: section('Notes', noteList(message)) },
    { rank: 6, items: section('Alert', fieldTable(message.facts)) },
    { rank: 7, items: section('Timeline', timelineTable(message)) },
    { rank: 5, items: section('Links', linkList(message)) },
    { rank: 1, items: [`Incident ${escapeMarkdown(message.incidentId, 100)}.`] },
  ];
  const { kept } = keepWithin(parts, (sections) => sections.join('\n\n').length < MARKDOWN_LIMITS.characters);
  return `${kept.join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}\n\n${lines.join('\n')}`];
}

function headSection(message: Message): string {
  const lead = message.lead.slice(0, 3).map((line) => escapeMarkdown(line, 240));
  return [
    `# ${escapeMarkdown(message.title, 200)}`,
    '',
    ...lead.map((line) => `- ${line}`),
    '',
    `${escapeMarkdown(message.status, 300)}.`,
  ].join('\n');
}

function chartSection(message: Message): string[] {
  const drawn = message.chart && drawColumns(message.chart, { columns: TEXT_LIMITS.columns, rows: 8 });
  if (!message.chart || !drawn) return [];
  const title = `${escapeMarkdown(message.chart.title, 80)} (${escapeMarkdown(message.chart.unit, 40)})`;
  return [title, '', fence([...drawn.plot, drawn.legend].join('\n'), 'text')];
}

function findingSection(finding: FindingView, index: number): string {
  const lines = [
    `## ${index + 1}. ${escapeMarkdown(kindWords(finding.kind), 60)}`,
    '',
    `${verdictWords(finding.verdict)} ${finding.role}; explains ${finding.explainsPercent} % of the refused requests. ${escapeMarkdown(finding.summary, 400)}`,
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

function fieldTable(fields: Message['facts']): string[] {
  return markdownTable(
    ['What', 'Value'],
    fields.map((field) => [field.label, field.value]),
  );
}

function noteList(message: Message): string[] {
  return message.notes.map((note) => {
    const next = note.nextStep === undefined ? '' : ` **Next:** ${escapeMarkdown(note.nextStep, 400)}`;
    return `- ${escapeMarkdown(note.text, 400)}${next}`;
  });
}

function timelineTable(message: Message): string[] {
  return markdownTable(
    ['When', 'What'],
    message.timeline.map((entry) => [timeWords(entry.at), entry.text]),
  );
}

function linkList(message: Message): string[] {
  return message.links.flatMap(({ label, url }) => {
    const safe = safeUrl(url);
    return safe === null ? [] : [`- ${markdownLink(linkLabel(label, url), safe)}`];
  });
}
