/**
 * Keys as Table storage takes them: it refuses `/ \ # ?` and control characters, and compares UTF-16 units where the port
 * promises the order of code points.
 *
 * Letters, digits and `- : _ ~` stand as they are, and so do characters from U+00A0 to U+D7FE. Every other one is written as
 * an introducer and its number in hexadecimal. The introducers are chosen so that escaped text sorts where the character
 * itself would, and never stand for themselves: `2026-11-20T14:00:00.000Z` is `2026-11-20T14:00:00.2e000Z`.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */

/** Each escapes what lies from it to the next character that stands as it is; `!` also the blank before it. */
const INTRODUCERS = ['{', '`', '[', ';', '.', '!'] as const;

const PLAIN = /^[-0-9:A-Z_a-z~\u00a0-\ud7fe]$/u;

/** The last character below the surrogates: what is beyond them sorts behind it, by number. */
const BEYOND = '\ud7ff';
const BEYOND_FROM = 0xd7ff;
const BEYOND_DIGITS = 6;

const ESCAPED = /([!.;[`{])([0-9a-f]{2})|\ud7ff([0-9a-f]{6})/gu;

/** Order and difference are kept: of two keys the smaller stays the smaller. */
export function encodeTableKey(text: string): string {
  let encoded = '';
  for (const character of text) encoded += PLAIN.test(character) ? character : escapeCharacter(character);
  return encoded;
}

/** What `encodeTableKey` was given. */
export function decodeTableKey(encoded: string): string {
  return encoded.replace(ESCAPED, (_all, _introducer, ascii: string | undefined, beyond: string | undefined) =>
    String.fromCodePoint(Number.parseInt(ascii ?? beyond ?? '', 16)),
  );
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point >= BEYOND_FROM) return BEYOND + point.toString(16).padStart(BEYOND_DIGITS, '0');
  const introducer = INTRODUCERS.find((candidate) => candidate <= character) ?? '!';
  return introducer + point.toString(16).padStart(2, '0');
}
