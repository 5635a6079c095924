/** Reads one header by lower-case name; undefined when absent. */
export type ReadHeader = (name: string) => string | null | undefined;

const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/**
 * How long the other side asked to wait, ms: from `retry-after-ms`, `x-ms-retry-after-ms` (milliseconds) or `Retry-After`
 * (seconds, or an HTTP date). At least 0 and at most `capMs`; null when no header can be read.
 */
export function retryAfterMs(read: ReadHeader, now: number, capMs: number): number | null {
  for (const name of MILLISECOND_HEADERS) {
    const ms = decimal(read(name));
    if (ms !== null) return Math.min(ms, capMs);
  }
  const value = read('retry-after');
  const seconds = decimal(value);
  if (seconds !== null) return Math.min(seconds * 1_000, capMs);
  // Date.parse also takes "-5" and "2026" as dates: an HTTP date begins with the name of a day.
  if (typeof value !== 'string' || !/^\s*[A-Za-z]{3,9},? /.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now), capMs);
}

function decimal(value: string | null | undefined): number | null {
  if (typeof value !== 'string' || !/^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(value)) return null;
  return Number(value);
}
