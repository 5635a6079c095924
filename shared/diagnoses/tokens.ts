import { type IdentityRow, identity } from '../evidence/identity.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Evidence, Window } from '../model.ts';

const MINUTE_MS = 60_000;
/** Sign-ins reach a workspace within this time of their making; before that, what is not there may only be late. */
const SETTLED_MS = 20 * MINUTE_MS;
/** With fewer to expect, silence is chance: a token is kept for up to a day. */
const EXPECTED_MIN = 5;
/** Half or less (field-notes 10). */
const ABSENT_SHARE = 0.5;
const USUAL_SHARE = 0.75;
/** A secret that ran out yesterday fails today as well: failures have to be many, most, and new. */
const FAILED_MIN = 3;
const FAILING_SHARE = 0.5;
const FAILING_BEFORE_MAX = 0.25;
const AS_USUAL_FAILING_MAX = 0.1;

const HOUR_MINUTES = 60;

/** How the callers' identities fared with the token service in some minutes. */
export type Tokens = {
  state: 'failing' | 'absent' | 'as-usual';
  given: number;
  failed: number;
  /** Sign-ins of as much time, by what is usual. */
  expected: number;
  /** Of most failures; null where there were none. */
  code: string | null;
};

/** Null where it could not be read, may still be arriving, or there is too little of it to tell. */
export function tokensDuring(evidence: Evidence, span: { fromSecond: number; toSecond: number }): Tokens | null {
  const rows = rowsOf(evidence, identity);
  const usual = usualOf(evidence);
  if (rows === null || usual === null) return null;
  const fromMs = Math.floor((span.fromSecond * 1000) / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.ceil((span.toSecond * 1000) / MINUTE_MS) * MINUTE_MS;
  const inSpan = rows.filter(({ minuteMs }) => minuteMs >= fromMs && minuteMs < toMs);
  const { given, failed } = countsOf(inSpan);
  const expected = Math.round((usual.perMinute * (toMs - fromMs)) / MINUTE_MS);
  const share = failed / Math.max(1, given + failed);
  const told = { given, failed, expected, code: mostFrequentFailure(inSpan) };
  if (failed >= FAILED_MIN && share >= FAILING_SHARE && usual.failingShare <= FAILING_BEFORE_MAX)
    return { state: 'failing', ...told };
  if (expected < EXPECTED_MIN) return null;
  if (given >= USUAL_SHARE * expected && share <= AS_USUAL_FAILING_MAX) return { state: 'as-usual', ...told };
  const isSettled = rows.some(({ minuteMs }) => minuteMs >= toMs) || readAtMs(evidence) - toMs >= SETTLED_MS;
  return isSettled && given + failed <= ABSENT_SHARE * expected ? { state: 'absent', ...told } : null;
}

/** Over all baselines that were read; null where none was. */
function usualOf(evidence: Evidence): { perMinute: number; failingShare: number } | null {
  const windowMinutes = (Date.parse(evidence.to) - Date.parse(evidence.from)) / MINUTE_MS;
  const lengths: [Window, number][] = [
    ['hour-before', HOUR_MINUTES],
    ['day-before', windowMinutes],
    ['week-before', windowMinutes],
  ];
  let minutes = 0;
  const all: IdentityRow[] = [];
  for (const [window, length] of lengths) {
    const rows = rowsOf(evidence, identity, window);
    if (rows === null) continue;
    minutes += length;
    all.push(...rows);
  }
  if (minutes === 0) return null;
  const { given, failed } = countsOf(all);
  return { perMinute: given / minutes, failingShare: failed / Math.max(1, given + failed) };
}

function countsOf(rows: readonly IdentityRow[]): { given: number; failed: number } {
  let [given, failed] = [0, 0];
  for (const { code, signIns } of rows)
    if (code === '0') given += signIns;
    else failed += signIns;
  return { given, failed };
}

function mostFrequentFailure(rows: readonly IdentityRow[]): string | null {
  const counts = new Map<string, number>();
  for (const { code, signIns } of rows) if (code !== '0') counts.set(code, (counts.get(code) ?? 0) + signIns);
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most?.[0] ?? null;
}

function readAtMs({ readings }: Evidence): number {
  const reading = readings.find(
    ({ kind, window, state }) => kind === identity.kind && window === 'incident' && state === 'read',
  );
  return Date.parse(reading?.readAt ?? '') || 0;
}
