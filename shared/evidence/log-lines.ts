import * as z from 'zod/mini';
import type { Evidence } from '../model.ts';
import type { EvidenceKind } from './kind.ts';
import { rowsOf } from './rows.ts';

const row = z.object({
  /** Epoch milliseconds of the minute. */
  atMs: z.number(),
  lines: z.number(),
  /** Lines that speak of throttling. */
  throttled: z.number(),
});

type LogLinesRow = z.infer<typeof row>;

/** How services and their clients say it, in lower case: `ThrottlingException`, `Rate exceeded`, `TooManyRequestsException`. */
const WORDS = ['throttl', 'rate exceeded', 'too many requests', 'toomanyrequests', 'slow down', 'slowdown'];

/** What the log groups of a resource of AWS hold minute by minute, and how much of it speaks of throttling. */
export const logLines: EvidenceKind<LogLinesRow> = {
  kind: 'log-lines',
  row,
  baseline: false,
  about: ({ cloud }) => cloud === 'aws',
  logsInsights: ({
    text,
  }) => `fields greatest(${WORDS.map((word) => `strcontains(tolower(@message), ${text(word)})`).join(', ')}) as refusal
| stats count(*) as lines, sum(refusal) as throttled by bin(1m) as atMs
| sort atMs asc`,
};

/** Sums over the window, and when the first and the last line spoke of throttling; null where no log group was read. */
export function logLinesIn(
  evidence: Evidence,
): { lines: number; throttled: number; firstMs: number | null; lastMs: number | null } | null {
  const rows = rowsOf(evidence, logLines);
  if (rows === null) return null;
  const told = rows.filter(({ throttled }) => throttled > 0).map(({ atMs }) => atMs);
  return {
    lines: rows.reduce((sum, { lines }) => sum + lines, 0),
    throttled: rows.reduce((sum, { throttled }) => sum + throttled, 0),
    firstMs: told.length === 0 ? null : Math.min(...told),
    lastMs: told.length === 0 ? null : Math.max(...told),
  };
}
