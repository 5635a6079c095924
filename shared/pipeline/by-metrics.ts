import { clockWords, numberWords } from '../chat/words.ts';
import { countedIn } from '../evidence/counted.ts';
import { logLinesIn } from '../evidence/log-lines.ts';

import type { Evidence, Note } from '../model.ts';

const MINUTE_MS = 60_000;
const REFUSED = 429;

/**
 * How much was refused as the metrics count it, for as long as no log says so: they come minutes before it, and are all there
 * is where none is kept. Null where they could not be read.
 */
export function countedNote(evidence: Evidence): Note | null {
  const counted = countedIn(evidence);
  if (counted === null) return null;
  const { fromMinute, byStatus } = counted;
  const refused = byStatus.get(REFUSED) ?? [];
  const all = [...byStatus.values()].reduce((sum, counts) => sum + total(counts), 0);
  const first = refused.findIndex((count) => count > 0);
  const says = `Azure Monitor counts ${numberWords(total(refused))} of ${numberWords(all)} requests refused (429)`;
  const limits = 'Its metrics count by the minute and name no caller.';
  if (first < 0) return { text: `${says}. ${limits}` };
  const at = (minute: number): string => new Date((fromMinute + minute) * MINUTE_MS).toISOString();
  const [from, to] = [at(first), at(refused.findLastIndex((count) => count > 0) + 1)];
  return { text: `${says}, from ${clockWords(from)} to ${clockWords(to, from)}. ${limits}` };
}

/** What the log groups of a resource of AWS say of throttling; null where none was read. */
export function logLinesNote(evidence: Evidence): Note | null {
  const told = logLinesIn(evidence);
  if (told === null) return null;
  const { lines, throttled, firstMs, lastMs } = told;
  const says = `Of ${numberWords(lines)} lines in its log groups ${numberWords(throttled)} speak of throttling`;
  if (firstMs === null || lastMs === null) return { text: `${says}.` };
  const [from, to] = [new Date(firstMs).toISOString(), new Date(lastMs + MINUTE_MS).toISOString()];
  return { text: `${says}, from ${clockWords(from)} to ${clockWords(to, from)}.` };
}

/** Whether something was refused by the metrics: then a log without refusals is one that has not arrived. */
export function isRefusedByMetrics(evidence: Evidence): boolean {
  return total(countedIn(evidence)?.byStatus.get(REFUSED) ?? []) > 0;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
