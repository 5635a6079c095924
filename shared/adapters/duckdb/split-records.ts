/** A longer record is no audit record; it is replaced by `BROKEN_LINE`, so that it is counted. */
export const RECORD_CHARACTERS_MAX = 1_048_576;
export const BROKEN_LINE = '!';

const ENVELOPE_KEY = 'records';

/**
 * Takes the records out of JSON documents that arrive in pieces, each as text on one line: the objects of a top-level
 * array, those in the `records` array of a top-level object, else the top-level objects themselves, one after the other.
 * What is cut off at the end is given out as it is, so that it is counted as broken.
 *
 * @returns for each piece the records that ended in it; call it with null at the end
 */
export function recordSplitter(): (piece: string | null) => string[] {
  let stack = '';
  let inString = false;
  let escaped = false;
  /** Depth at which a record begins: 1 in a top-level array, 2 in an envelope's, none in the rest of it, 0 otherwise. */
  let recordDepth: number | null = 0;
  let record: string | null = null;
  let tooLong = false;
  /** The last string at depth 1, which may be the key of the envelope's array. */
  let key: string | null = null;

  return (piece) => {
    if (piece === null) {
      const rest = record;
      record = null;
      return rest === null || rest.trim() === '' ? [] : [onOneLine(rest)];
    }
    const done: string[] = [];
    /** Where in this piece the record that is being read goes on. */
    let from = record === null ? -1 : 0;

    const keep = (to: number): void => {
      if (from < 0 || record === null) return;
      if (record.length + to - from > RECORD_CHARACTERS_MAX) tooLong = true;
      else record += piece.slice(from, to);
    };
    const open = (character: '{' | '[', at: number): void => {
      if (character === '[' && stack === '{' && key?.toLowerCase() === ENVELOPE_KEY) {
        recordDepth = 2;
        record = null;
        from = -1;
      } else if (character === '[' && stack === '') recordDepth = 1;
      else if (character === '{' && stack.length === recordDepth) {
        record = '';
        tooLong = false;
        from = at;
      }
      stack += character;
    };
    const close = (at: number): void => {
      stack = stack.slice(0, -1);
      if (record !== null && stack.length === recordDepth) {
        keep(at + 1);
        done.push(tooLong ? BROKEN_LINE : onOneLine(record));
        record = null;
        from = -1;
      }
      if (stack === '') recordDepth = 0;
      else if (stack === '{' && recordDepth === 2) recordDepth = null;
    };

    for (let at = 0; at < piece.length; at++) {
      const character = piece[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (character === '\\') escaped = true;
        else if (character === '"') inString = false;
        if (key !== null && inString && stack.length === 1 && key.length <= ENVELOPE_KEY.length) key += character;
      } else if (character === '"') {
        inString = true;
        if (stack.length === 1) key = '';
      } else if (character === '{' || character === '[') open(character, at);
      else if ((character === '}' || character === ']') && stack !== '') close(at);
    }
    keep(piece.length);
    return done;
  };
}

function onOneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

/**
 * A line that breaks off where a value has to follow. The database's reader looks for that value in the next line, which
 * is then lost as well.
 */
const CUT = /[:,[]\s*$/;

function isCut(line: string): boolean {
  return CUT.test(line);
}

/** Tells from bytes that arrive in pieces whether a line breaks off so. */
export function cutLineFinder(): (piece: Uint8Array) => boolean {
  let last = 0;
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      let at = end - 1;
      while (at >= from && isBlank(piece[at])) at--;
      if (CUT_BYTES.has(at >= from ? (piece[at] ?? 0) : last)) return true;
      last = 0;
      from = end + 1;
    }
    for (let at = piece.length - 1; at >= from; at--)
      if (!isBlank(piece[at])) {
        last = piece[at] ?? 0;
        break;
      }
    return false;
  };
}

const LINE_FEED = 10;
const CUT_BYTES: ReadonlySet<number> = new Set([':', ',', '['].map((character) => character.charCodeAt(0)));

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 13 || byte === 9;
}

/** The lines of text that arrives in pieces, without their ends; empty ones are left out, long and cut ones replaced. */
export function lineSplitter(): (piece: string | null) => string[] {
  let rest = '';
  const bounded = (line: string): string => (line.length > RECORD_CHARACTERS_MAX || isCut(line) ? BROKEN_LINE : line);
  return (piece) => {
    const lines = (rest + (piece ?? '')).split('\n');
    rest = piece === null ? '' : (lines.pop() ?? '');
    // A line without end is kept only as far as is needed to know that it is too long.
    if (rest.length > RECORD_CHARACTERS_MAX) rest = rest.slice(0, RECORD_CHARACTERS_MAX + 1);
    return lines.filter((line) => line.trim() !== '').map(bounded);
  };
}
