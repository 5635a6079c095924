import type { Answer } from '../../model.ts';
import { cleanLine } from '../plain.ts';
import { TEXT_LIMITS } from './limits.ts';
import type { TextOptions } from './lines.ts';
import { escapeMarkdown, markdownTable } from './markdown-escape.ts';
import { alignTable } from './table.ts';
import { shortenToWidth, wrap } from './width.ts';

const ESC = String.fromCharCode(0x1b);

/** A command's answer as text: at most 120 lines of at most 80 columns; a longer one says how much is left out. */
export function renderTextAnswer(answer: Answer, options: TextOptions = {}): string {
  const columns = Math.min(TEXT_LIMITS.columns, Math.max(40, Math.floor(options.columns ?? TEXT_LIMITS.columns)));
  const title = shortenToWidth(cleanLine(answer.title), columns);
  const lines = [
    options.colour ? `${ESC}[1m${title}${ESC}[0m` : title,
    ...answer.lines.flatMap((line) => keepIndent(line, columns)),
    ...(answer.table ? alignTable(answer.table, columns) : []),
    ...answer.notes.flatMap((note) => wrap(`! ${noteText(note)}`, columns)),
  ];
  if (lines.length <= TEXT_LIMITS.answerLines) return lines.join('\n');
  const kept = lines.slice(0, TEXT_LIMITS.answerLines - 1);
  return [...kept, `… ${lines.length - kept.length} more lines`].join('\n');
}

/** Leading spaces of an answer's line are layout (help, trees) and are kept. */
function keepIndent(line: string, columns: number): string[] {
  const indent = (/^ {1,12}/.exec(line)?.[0] ?? '').slice(0, 12);
  const wrapped = wrap(cleanLine(line, 1000), columns - indent.length);
  return wrapped.length === 0 ? [''] : wrapped.map((part) => indent + part);
}

/** A note with its next step in one line. */
export function noteText(note: Answer['notes'][number]): string {
  const text = cleanLine(note.text, 400);
  return note.nextStep === undefined ? text : `${text} Next: ${cleanLine(note.nextStep, 400)}`;
}

/** A command's answer as Markdown. */
export function renderMarkdownAnswer(answer: Answer): string {
  const sections = [
    `# ${escapeMarkdown(answer.title)}`,
    answer.lines.map((line) => escapeMarkdown(line, 1000)).join('  \n'),
    answer.table ? markdownTable(answer.table.columns, answer.table.rows.slice(0, 200)).join('\n') : '',
    answer.notes.map((note) => `- ${escapeMarkdown(noteText(note), 900)}`).join('\n'),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}
