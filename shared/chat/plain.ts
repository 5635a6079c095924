/**
 * Hygiene for text that came from outside, before any platform's own escaping.
 *
 * Escaping is each renderer's work; here text only becomes one bounded, printable line that holds no credential.
 */

/** Longer names and messages say nothing more to a reader. */
export const OUTSIDE_TEXT_MAX = 200;

const ESC = String.fromCharCode(0x1b);
const CSI = String.fromCharCode(0x9b);
const BEL = String.fromCharCode(0x07);
/** Terminal sequences: CSI with its final byte, OSC to its terminator, then any two-byte escape. */
const ANSI = new RegExp(
  `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}[@-Z\\\\^_=>]?`,
  'g',
);
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const CONTROLS = /(?!\n)\p{Cc}/gu;
/** Format characters: bidirectional overrides, tags, zero-width space. Joiners stay: scripts and emoji need them. */
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}/gu;

const CREDENTIALS: readonly [RegExp, string][] = [
  [
    // Not what code reads it from: `password = await vault.get(…)` is a snippet's line.
    /\b((?:sig|[a-z_-]*token|[a-z_-]*secret|pass(?:word|wd)?|pwd|api[-_]?key|account-?key|sharedaccess(?:key|signature))\s*=\s*)(?!await\s|new\s|[a-z_][\w.]*\()[^\s&;,'"]+/gi,
    '$1[removed]',
  ],
  // With a colon only what is never said of a thing: "token: expired" and "secret: orders-db" are sentences.
  [/\b((?:pass(?:word|wd)?|pwd|client[_-]secret|api[-_]?key|account-?key)\s*:\s*)[^\s&;,'"]+/gi, '$1[removed]'],
  [/\b(bearer\s+)[\w~+/.-]{8,}=*/gi, '$1[removed]'],
  [/\bxox[a-z]-[\w-]+/g, '[removed]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[removed]'],
  [/(\bhttps:\/\/hooks\.slack\.com\/)\S+/gi, '$1[removed]'],
];
const QUERY_STRING = /(\bhttps?:\/\/[^\s?#]+)\?\S*/gi;

/**
 * The text as one printable line of at most `max` UTF-16 units: terminal sequences, control, bidirectional and
 * invisible characters gone, line breaks collapsed to spaces, query strings dropped, credentials removed.
 */
export function cleanLine(text: string, max = OUTSIDE_TEXT_MAX): string {
  const bounded = text.slice(0, max * 8 + 1024).toWellFormed();
  const line = bounded.replace(ANSI, '').replace(BREAKS, ' ').replace(INVISIBLE, '').replace(/ {2,}/g, ' ').trim();
  return shorten(removeCredentials(line), max);
}

/** Like `cleanLine` for text whose lines matter (snippets): at most `maxLines` lines of `maxPerLine` characters. */
export function cleanBlock(text: string, maxLines: number, maxPerLine: number): string {
  const bounded = text.slice(0, maxLines * maxPerLine * 4).toWellFormed();
  const lines = bounded
    .replace(ANSI, '')
    .replace(/\r\n?|[\p{Zl}\p{Zp}]/gu, '\n')
    .replace(/\t/g, '  ')
    .split('\n');
  const kept = lines.slice(0, maxLines).map((line) => {
    const printable = line.replace(CONTROLS, '').replace(INVISIBLE, '').trimEnd();
    return shorten(removeCredentials(printable), maxPerLine);
  });
  if (lines.length > maxLines) kept[maxLines - 1] = '…';
  return kept.join('\n');
}

function removeCredentials(text: string): string {
  return CREDENTIALS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text.replace(QUERY_STRING, '$1'));
}

/** At most `max` UTF-16 units, ending in `…` when cut; never cuts a surrogate pair. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  let end = max - 1;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** Keeps both ends of an over-long name, where names differ. */
export function shortenMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  const tail = Math.floor((max - 1) / 3);
  const head = max - 1 - tail;
  return `${take(points, head)}…${take(points.reverse(), tail, true)}`;
}

function take(points: readonly string[], max: number, reversed = false): string {
  let text = '';
  for (const point of points) {
    if (text.length + point.length > max) break;
    text = reversed ? point + text : text + point;
  }
  return text;
}

const LINK_MAX = 2000;
const CREDENTIAL_PARAMETER = /^(?:sig|code|.*token|.*secret|.*key|pass(?:word)?)$/i;

/**
 * The link if it may be shown: absolute http(s), no user part, at most 2,000 characters. A query that holds a
 * credential is dropped whole. Null otherwise.
 */
export function safeUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  if ((parsed.protocol !== 'https:' && parsed.protocol !== 'http:') || parsed.username !== '' || parsed.password !== '')
    return null;
  if ([...parsed.searchParams.keys()].some((name) => CREDENTIAL_PARAMETER.test(name))) parsed.search = '';
  return parsed.href.length > LINK_MAX ? null : parsed.href;
}

/** Host of a link that `safeUrl` let through. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
