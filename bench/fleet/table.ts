import { readFileSync, writeFileSync } from 'node:fs';

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
export const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1_000).toFixed(1)} s`);

/** A Markdown table that is printed row by row as it grows. */
export type Table = { row(cells: (string | number)[]): void; lines(): string[] };

export function createTable(head: string[]): Table {
  const lines: string[] = [];
  const row = (cells: (string | number)[]): void => {
    lines.push(`| ${cells.join(' | ')} |`);
    console.log(lines.at(-1));
  };
  row(head);
  row(head.map(() => '---'));
  return { row, lines: () => lines };
}

/** Puts `lines` between the marks `<!-- name -->` and `<!-- /name -->` of a file. */
export function writeResults(file: string, name: string, lines: string[]): void {
  const text = readFileSync(file, 'utf8');
  const open = `<!-- ${name} -->\n`;
  const from = text.indexOf(open);
  const to = text.indexOf(`<!-- /${name} -->`);
  if (from < 0 || to < from) throw new Error(`${file} has no marks named ${name}`);
  writeFileSync(file, `${text.slice(0, from + open.length)}\n${lines.join('\n')}\n\n${text.slice(to)}`);
}
