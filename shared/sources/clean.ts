/** Printable ASCII needs no further look: nearly all text is that. */
const PLAIN = /^[\x20-\x7e]*$/;
const LINE_BREAKS_AND_TABS = /[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu;
/** Control characters, invisible formatting (zero width, bidirectional overrides) and lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
/** What follows ESC in a terminal sequence: CSI (colours, cursor), OSC up to its end (titles, links), two-character ones. */
const TERMINAL_SEQUENCE = /^(?:\[[0-9:;<=>?]*[ -/]*[@-~]|\]\P{Cc}*(?:\p{Cc}|$)|[@-Z\\^_])/u;
const ESCAPE = String.fromCharCode(27);
const ELLIPSIS = '…';

/**
 * Outside text as it may be kept: one line, no control, invisible or terminal characters, at most `maxCharacters`,
 * ending in `…` where it was cut. It is not escaped: only a renderer knows for which platform.
 */
export function cleanText(text: string, maxCharacters: number): string {
  // Invisible characters may be cut away, so look at more than is kept; but never at a whole megabyte.
  const head = text.length > maxCharacters * 4 ? text.slice(0, maxCharacters * 4) : text;
  const visible = PLAIN.test(head) ? head.trim() : stripInvisible(head);
  if (visible.length <= maxCharacters && head.length === text.length) return visible;
  return cut(visible, maxCharacters);
}

function stripInvisible(text: string): string {
  const [first = '', ...rest] = text.replaceAll('\u009b', `${ESCAPE}[`).split(ESCAPE);
  const withoutSequences = first + rest.map((part) => part.replace(TERMINAL_SEQUENCE, '')).join('');
  return withoutSequences.replace(LINE_BREAKS_AND_TABS, ' ').replace(INVISIBLE, '').trim();
}

function cut(text: string, maxCharacters: number): string {
  const kept = text.slice(0, maxCharacters - 1);
  const last = kept.charCodeAt(kept.length - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return (splitsPair ? kept.slice(0, -1) : kept) + ELLIPSIS;
}
