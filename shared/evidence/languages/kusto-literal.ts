/** What would end or change a literal, or could be taken for a reference to a shared query (`{{…}}`) by Resource Graph. */
const UNSAFE = /["\\{}\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Any text as a string literal of Kusto: what it holds comes out as data. Whatever is not plainly itself stands as `\uXXXX`,
 * halves of pairs among it, so that the literal is valid JSON as well.
 */
export function kustoString(text: string): string {
  return `"${text.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** A moment as a literal, from a time of the model or anything else that names one. */
export function kustoTime(time: string | number): string {
  return `datetime(${new Date(time).toISOString()})`;
}
