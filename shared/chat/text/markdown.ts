import type { Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { linkLabel } from '../icons.ts';
import { safeUrl } from '../plain.ts';
import { timeWords } from '../words.ts';
import { MARKDOWN_LIMITS } from './limits.ts';
import { escapeMarkdown, markdownLink, markdownTable } from './markdown-escape.ts';
import { chartSection, fieldTable, findingSection, noteList, section } from './markdown-sections.ts';

/**
 * A message as a Markdown document (CommonMark with tables), in the order of a post-incident note: what, who was hurt,
 * causes and fixes, what is not known, timeline. Below 60,000 characters; sections that do not fit are dropped.
 */
export function renderMarkdown(message: Message): string {
  const parts: Part<string>[] = [
    { rank: 1, items: [headSection(message)] },
    { rank: 3, items: section('Load', chartSection(message.chart)) },
    { rank: 4, items: section('Impact', fieldTable(message.impact ?? [])) },
    ...message.findings.map((finding, index) => ({
      rank: index === 0 ? 2 : 5,
      items: [findingSection(finding, index)],
    })),
    ...(message.groups ?? []).map(({ title, fields }, index) => ({
      rank: index === 0 ? 2 : 5,
      items: section(title, fieldTable(fields)),
    })),
    { rank: 3, items: section('Notes', noteList(message.notes)) },
    { rank: 6, items: section('Alert', fieldTable(message.facts)) },
    { rank: 7, items: section('Timeline', timelineTable(message)) },
    { rank: 5, items: section('Links', linkList(message)) },
    { rank: 1, items: [`Incident ${escapeMarkdown(message.incidentId, 100)}.`] },
  ];
  const { kept } = keepWithin(parts, (sections) => sections.join('\n\n').length < MARKDOWN_LIMITS.characters);
  return `${kept.join('\n\n')}\n`;
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

function timelineTable(message: Message): string[] {
  return markdownTable(
    ['When', 'What'],
    message.timeline.map((entry) => [timeWords(entry.at), entry.text]),
  );
}

export function linkList(message: Message): string[] {
  return message.links.flatMap(({ label, url }) => {
    const safe = safeUrl(url);
    return safe === null ? [] : [`- ${markdownLink(linkLabel(label, url), safe)}`];
  });
}
