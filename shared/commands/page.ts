import type { Answer } from '../model.ts';

/** Rows of one page: what every platform shows whole. */
const PAGE_ROWS = 20;
const PAGES_MAX = 500;

/** Takes `page 2` off the end of what was typed. */
export function takePage(words: readonly string[]): { rest: readonly string[]; page: number } {
  const [name, number] = words.slice(-2);
  const page = Number(number);
  if (name?.toLowerCase() !== 'page' || !/^\d{1,3}$/.test(number ?? '') || page < 1 || page > PAGES_MAX)
    return { rest: words, page: 1 };
  return { rest: words.slice(0, -2), page };
}

/** One page of an answer, which says how to see the next. A page behind the last is the last. */
export function pageOf(answer: Answer, page: number, typed: string): Answer {
  const { table } = answer;
  if (!table || table.rows.length <= PAGE_ROWS) return answer;
  const pages = Math.ceil(table.rows.length / PAGE_ROWS);
  const shown = Math.min(page, pages);
  const from = (shown - 1) * PAGE_ROWS;
  const rows = table.rows.slice(from, from + PAGE_ROWS);
  const next = shown < pages ? `; '${typed} page ${shown + 1}' shows the next` : '';
  const note = { text: `${from + 1} to ${from + rows.length} of ${table.rows.length}${next}` };
  return { ...answer, table: { ...table, rows }, notes: [note, ...answer.notes] };
}
