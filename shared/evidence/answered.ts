import * as z from 'zod/mini';
import type { EvidenceKind, KqlRelations } from './kind.ts';

const row = z.object({
  /** HTTP status. */
  status: z.number(),
  /** Minutes since the epoch. */
  minute: z.number(),
  requests: z.number(),
});

export type AnsweredRow = z.infer<typeof row>;

/** How many requests the log holds, by status and minute: held against what the metrics counted, it tells how complete it is. */
export const answered: EvidenceKind<AnsweredRow> = {
  kind: 'answered',
  row,
  baseline: true,
  sql: ({ requests }) => `SELECT status, at_us // 60000000 AS minute, count(*) AS requests
    FROM ${requests} WHERE status IS NOT NULL GROUP BY ALL ORDER BY status, minute`,
  kql,
  kqlCoarse: kql,
};

function kql({ requests }: KqlRelations): string {
  return `${requests} | where status >= 0
  | summarize requests = sum(weight) by status, minute = at_us / 60000000
  | sort by status asc, minute asc`;
}
