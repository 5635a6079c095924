/** What no text of a message may hold, on any platform: written without the renderers' own hygiene. */
export function checkString(text: string, where: string): string[] {
  const problems: string[] = [];
  if (!text.isWellFormed()) problems.push(`${where}: half of a surrogate pair`);
  for (const point of text) {
    const code = point.codePointAt(0) ?? 0;
    const control = (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0);
    const bidi =
      (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0x200e || code === 0x200f;
    if (control) problems.push(`${where}: control character U+${code.toString(16)}`);
    if (bidi) problems.push(`${where}: bidirectional control U+${code.toString(16)}`);
  }
  return problems;
}

/** Every string anywhere in a value, with its path. */
export function stringsIn(value: unknown, path = '$'): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => stringsIn(item, `${path}[${index}]`));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => stringsIn(item, `${path}.${key}`));
  return [];
}

/** Every object anywhere in a value, with its path. */
export function recordsIn(value: unknown, path = '$'): [string, Record<string, unknown>][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => recordsIn(item, `${path}[${index}]`));
  if (!isRecord(value)) return [];
  return [[path, value], ...Object.entries(value).flatMap(([key, item]) => recordsIn(item, `${path}.${key}`))];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
