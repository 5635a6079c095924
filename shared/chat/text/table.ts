import { cleanLine } from '../plain.ts';
import { padToWidth, shortenToWidth, widthOf } from './width.ts';

const GAP = '  ';
const CELL_MAX = 120;

/**
 * A table as aligned lines of at most `columns`: head, rule, then rows. The widest column gives way first, down to six
 * columns of text; cells that do not fit end in `…`. A table without columns gives no line.
 */
export function alignTable(
  table: { columns: readonly string[]; rows: readonly (readonly string[])[] },
  columns: number,
): string[] {
  const fitting = Math.max(1, Math.floor((columns + GAP.length) / (6 + GAP.length)));
  const head = table.columns.slice(0, fitting).map((cell) => cleanLine(cell, CELL_MAX));
  if (head.length === 0) return [];
  const rows = table.rows.map((row) => head.map((_, index) => cleanLine(row[index] ?? '', CELL_MAX)));
  const widths = head.map((cell, index) => Math.max(...[cell, ...rows.map((row) => row[index] ?? '')].map(widthOf), 1));
  const total = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (total() > columns) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  const format = (cells: readonly string[]) =>
    cells
      .map((cell, index) => padToWidth(shortenToWidth(cell, widths[index] ?? 1), widths[index] ?? 1))
      .join(GAP)
      .trimEnd();
  return [format(head), widths.map((width) => '─'.repeat(width)).join(GAP), ...rows.map(format)];
}
