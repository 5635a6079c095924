import { stripVTControlCharacters } from 'node:util';
import type { LogFields } from '../../ports.ts';

const HIDDEN = '[secret]';

const MAX_CHARACTERS = 500;

/** A field of such a name is never shown, whatever is in it; numbers and flags about it (`tokenAgeMs`) are. */
const SECRET_NAMES =
  /token|secret|passw|authorization|cookie|credential|signature|connectionstring|api-?key|private-?key/i;

/**
 * What secrets look like when they stand in other text. A pattern that hides too much costs a puzzled reader; one that
 * hides too little costs the secret.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  /\b(?:Bearer|Basic|GenieKey)\s+[\w.~+/=-]{6,}/gi,
  // JSON Web Tokens: two base64url parts that begin with `{"`, and a signature.
  /\beyJ[\w-]{5,}\.eyJ[\w-]*\.[\w-]*/g,
  // Slack, GitLab, GitHub, AWS access key ids.
  /\bxox[a-z]-[\w-]{6,}/gi,
  /\bxapp-[\w-]{6,}/gi,
  /\bglpat-[\w.-]{6,}/g,
  /\b(?:gh[pousr]_|github_pat_)\w{6,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  // `AccountKey=…;` and the like in connection strings.
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd|Secret|sig|token|api[-_]?key)\s*=\s*[^\s;&"']+/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** Webhook paths are secrets: Slack's hooks, and all that a Teams workflow or Office connector has. */
const SECRET_HOSTS =
  /(^|\.)(?:hooks\.slack\.com|hooks\.slack-gov\.com|logic\.azure\.com|webhook\.office\.com|powerplatform\.com)$/i;

const URLS = /\bhttps?:\/\/[^\s"'<>\\]+/gi;

const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/**
 * The fields as they may be written: secrets hidden by name and by shape, query strings and user names of URLs dropped,
 * terminal sequences and control characters removed, at most 500 characters each.
 */
export function redact(fields: LogFields): LogFields {
  const shown: LogFields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') shown[name] = SECRET_NAMES.test(name) ? HIDDEN : redactText(value);
    else if (value !== undefined) shown[name] = value;
  }
  return shown;
}

/** One text by the same rules, for what is no field. */
export function redactText(text: string): string {
  const bounded = text.length > 4 * MAX_CHARACTERS ? text.slice(0, 4 * MAX_CHARACTERS) : text;
  let shown = stripVTControlCharacters(bounded).replace(CONTROL, ' ').replace(URLS, redactUrl);
  for (const shape of SECRET_SHAPES) shown = shown.replace(shape, HIDDEN);
  return shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}…`.toWellFormed() : shown;
}

function redactUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return HIDDEN;
  if (SECRET_HOSTS.test(url.hostname)) return `${url.origin}/${HIDDEN}`;
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}
