/** Text as HTML shows it, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The same with its line breaks. */
export function escapeLines(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>');
}

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What the platform would refuse, or this preview does not know: seen, not left out. */
export function problem(what: string): string {
  return `<div class="problem">cannot be shown: ${escapeHtml(what.slice(0, 200))}</div>`;
}

/** A link as the platforms open it, or its text where they would not. */
export function anchor(url: string, shown: string): string {
  if (!/^https?:\/\/[^\s]+$/i.test(url)) return shown;
  return `<a href="${escapeHtml(url)}" rel="noreferrer">${shown}</a>`;
}
