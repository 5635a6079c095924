import type { SeriesRow } from '../evidence/series-row.ts';
import type { Signal } from '../model.ts';

/** By the names of both clouds; a band has two thresholds, of which the alert tells one. */
const OPERATORS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  greaterthan: (value, threshold) => value > threshold,
  greaterthanthreshold: (value, threshold) => value > threshold,
  greaterthanorequal: (value, threshold) => value >= threshold,
  greaterthanorequaltothreshold: (value, threshold) => value >= threshold,
  lessthan: (value, threshold) => value < threshold,
  lessthanthreshold: (value, threshold) => value < threshold,
  lessthanorequal: (value, threshold) => value <= threshold,
  lessthanorequaltothreshold: (value, threshold) => value <= threshold,
};

/** What adds up over the minutes of a window; of all else, each minute has to be calm by itself. */
const SUMS = /^(?:total|count|sum|samplecount)$/i;

/** Whether a rule can be judged from its metric by the minute. */
export function isJudgeable({ operator, threshold }: Signal): boolean {
  return threshold !== undefined && Number.isFinite(threshold) && judgeOf(operator) !== undefined;
}

/**
 * Since which minute of the epoch the condition of a rule has been unmet without a break, up to the end of what is known;
 * null where it still is met, or was within the last `calmMinutes`, or where too little is known. What is not known to be
 * calm is not: of a mean, a silence throughout; of what must not fall low, any silence.
 *
 * @param rows of the one metric, empty where nothing was counted
 * @param known minutes of the epoch that were asked for and have settled, `to` exclusive
 */
export function calmSince(
  rows: readonly SeriesRow[],
  signal: Signal,
  { from, to, calmMinutes }: { from: number; to: number; calmMinutes: number },
): number | null {
  const { operator, threshold, aggregation = '' } = signal;
  const isMet = judgeOf(operator);
  if (isMet === undefined || threshold === undefined) return null;
  const sums = SUMS.test(aggregation);
  const low = /^less/i.test(operator ?? '');
  const isGiven = (minute: number): boolean => rows.some(({ fromMinute, given }) => given[minute - fromMinute] === 1);
  const values = Array.from({ length: Math.max(0, to - from) }, (_, offset) =>
    rows.reduce((sum, { fromMinute, perMinute }) => sum + (perMinute[from + offset - fromMinute] ?? 0), 0),
  );
  const windowMinutes = sums ? Math.max(1, Math.ceil((signal.windowSeconds ?? 60) / 60)) : 1;
  const isCalm = (offset: number): boolean => {
    if (low && !isGiven(from + offset)) return false;
    if (!sums && !isGiven(from + offset)) return true;
    const first = Math.max(0, offset - windowMinutes + 1);
    return !isMet(
      values.slice(first, offset + 1).reduce((sum, value) => sum + value, 0),
      threshold,
    );
  };
  let since = to;
  while (since > from && isCalm(since - 1 - from)) since -= 1;
  const heard = sums || Array.from({ length: to - since }, (_, nth) => since + nth).some(isGiven);
  return to - since >= calmMinutes && heard ? since : null;
}

function judgeOf(operator: string | undefined) {
  const name = (operator ?? '').toLowerCase();
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}
