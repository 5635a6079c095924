import type { Message } from '../../model.ts';
import { keepWithin, type Part } from '../budget.ts';
import { linkLabel } from '../icons.ts';
import { cleanLine, safeUrl } from '../plain.ts';
import { timeWords } from '../words.ts';
import { TEXT_LIMITS } from './limits.ts';
import {
  chartLines,
  findingLines,
  impactLines,
  type Line,
  noteLines,
  otherLines,
  paint,
  snippetLines,
  spaced,
  type TextOptions,
} from './lines.ts';
import { padToWidth, shortenToWidth, widthOf, wrap } from './width.ts';

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
    { rank: 3, items: chartLines(message.chart, columns), whole: true },
    { rank: 2, items: spaced(first ? findingLines(first, 0, columns) : []) },
    ...others.map((finding, index) => ({ rank: 5, items: otherLines(finding, index + 1, columns) })),
    { rank: 7, items: first ? snippetLines(first) : [], whole: true },
    { rank: 4, items: spaced(impactLines(message.impact ?? [], columns)), whole: true },
    ...message.notes.map((note, index) => ({
      rank: 4,
      items: index === 0 && !message.impact ? spaced(noteLines(note, columns)) : noteLines(note, columns),
      whole: true,
    })),
    ...(message.groups ?? []).map(({ title, fields }, index) => ({
      rank: index === 0 ? 3 : 5,
      items: spaced(fieldLines(title, fields, columns)),
      heads: 2,
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
    .map((line) =>
      paint({ ...line, text: shortenToWidth(line.text, columns) }, titleCode(message), options.colour ?? false),
    )
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

function titleCode(message: Message): string {
  if (message.state === 'resolved') return '1;32';
  if (message.severity <= 1 && message.synthetic === undefined) return '1;31';
  return message.severity === 2 ? '1;33' : '1;36';
}
