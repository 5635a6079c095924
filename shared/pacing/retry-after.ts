/** Reads one header by lower-case name; undefined when absent. */
export type ReadHeader = (name: string) => string | null | undefined;

const MILLISECOND_HEADERS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/**
 * How long the other side asked to wait, ms: from `retry-after-ms`, `x-ms-retry-after-ms` (milliseconds), `Retry-After`
 * (seconds, or an HTTP date), or the end of a quota (`x-ms-user-quota-resets-after`, hh:mm:ss). At least 0 and at most `capMs`; null when no header can be read.
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
  const at = typeof value === 'string' && /^\s*[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(at)) return Math.min(Math.max(0, at - now), capMs);
  const resetsMs = quotaResetMs(read('x-ms-user-quota-resets-after'));
  return resetsMs === null ? null : Math.min(resetsMs, capMs);
}

/** `00:00:03`, with or without a fraction, in ms; null for anything else. */
export function quotaResetMs(text: string | null | undefined): number | null {
  const parts = /^\s*(\d{1,2}):([0-5]?\d):([0-5]?\d(?:\.\d{1,7})?)\s*$/.exec(text ?? '');
  if (parts === null) return null;
  const [, hours, minutes, seconds] = parts;
  return Math.ceil((Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000);
}

function decimal(value: string | null | undefined): number | null {
  if (typeof value !== 'string' || !/^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(value)) return null;
  return Number(value);
}
