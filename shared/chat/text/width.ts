/**
 * How wide text stands on a terminal, counted so that a line is never wider than it says.
 *
 * East-Asian wide characters and everything outside the basic plane (emoji) count two columns; a combining mark counts
 * one although it takes none. So a line may look shorter than its bound, never longer, and `line.length` keeps the same
 * bound. Ambiguous characters (box drawing, blocks) count one, as outside East-Asian locales.
 * @see Unicode Standard Annex 11, East Asian Width
 */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;

export function widthOf(text: string): number {
  let columns = 0;
  for (const point of text) columns += point.length > 1 || WIDE.test(point) ? 2 : 1;
  return columns;
}

/** At most `columns` wide, ending in `…` when cut. */
export function shortenToWidth(text: string, columns: number): string {
  if (text.length * 2 <= columns || widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const point of text) {
    const next = widthOf(point);
    if (width + next > columns - 1) break;
    kept += point;
    width += next;
  }
  return `${kept.trimEnd()}…`;
}

/** Padded with spaces to `columns`; left as it is when already wider. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Lines of at most `columns`, broken at spaces (not before `%`); a word wider than a line is cut hard. An empty text gives no line. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?!%)/).filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = cutHard(word, columns);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  if (line !== '') lines.push(line);
  return lines;
}

function cutHard(word: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const point of word) {
    const next = widthOf(point);
    if (width + next > columns && piece !== '') {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += point;
    width += next;
  }
  pieces.push(piece);
  return pieces;
}
