import { cleanBlock, cleanLine } from '../plain.ts';

/** Joins `@` and `#` to what follows without a gap to see: issue trackers make mentions and references even of escaped ones. */
const WORD_JOINER = '\u2060';

/**
 * Text from outside as one Markdown line that shows exactly these characters: no emphasis, link, image, HTML, entity,
 * autolink, mention or table cell of its own.
 */
export function escapeMarkdown(text: string, max?: number): string {
  return cleanLine(text, max)
    .replace(/[\\`*_{[\]<>#|~&$]/g, '\\$&')
    .replace(/^[-+=!]/, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\b(www)\./gi, '$1\\.')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/(@|#)(?=[\p{L}\p{N}_])/gu, `$1${WORD_JOINER}`);
}

/** A fenced block whose fence is longer than any run of backticks inside. */
export function fence(text: string, language = '', maxLines = 60, maxPerLine = 160): string {
  const block = cleanBlock(text, maxLines, maxPerLine);
  const longest = (block.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const marks = '`'.repeat(longest + 1);
  return `${marks}${language.replace(/[^\w+#-]/g, '').slice(0, 20)}\n${block}\n${marks}`;
}

/** A link whose label and address cannot break out. `url` has passed `safeUrl`. */
export function markdownLink(label: string, url: string): string {
  return `[${escapeMarkdown(label, 80)}](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)`;
}

/** A table of escaped cells; empty without rows. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => escapeMarkdown(cell, 300) || ' ').join(' | ')} |`;
  return [
    row(columns),
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map((cells) => row(columns.map((_, i) => cells[i] ?? ''))),
  ];
}
