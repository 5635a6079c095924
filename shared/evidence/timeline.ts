import * as z from 'zod/mini';
import { type EvidenceKind, type KqlRelations, numbers } from './kind.ts';

const row = z.object({
  /** Operation class, as limits name them. */
  class: z.string(),
  outcome: z.enum(['served', 'refused', 'challenged', 'forbidden', 'not-found', 'failed', 'other']),
  /** Seconds since the epoch of the first bin. */
  fromSecond: z.number(),
  /** Requests in each second: limits slide over 10 s, and a fixed 10 s bin can hide half a burst. */
  perSecond: numbers,
});

export type TimelineRow = z.infer<typeof row>;

/** Requests by outcome and operation class, one row each that occurs, over the whole window. */
export const timeline: EvidenceKind<TimelineRow> = {
  kind: 'timeline',
  row,
  baseline: false,
  sql: ({ requests, window }) => `WITH
    counted AS (
      SELECT class, second, count(*) AS requests, CASE
        WHEN status BETWEEN 200 AND 299 THEN 'served' WHEN status = 429 THEN 'refused' WHEN status = 401 THEN 'challenged'
        WHEN status = 403 THEN 'forbidden' WHEN status = 404 THEN 'not-found' WHEN status >= 500 THEN 'failed'
        ELSE 'other' END AS outcome
      FROM ${requests} GROUP BY ALL),
    lines AS (SELECT DISTINCT class, outcome FROM counted),
    seconds AS (
      SELECT from_us // 1000000 AS fromSecond, unnest(range(from_us // 1000000, to_us // 1000000)) AS second
      FROM windows WHERE name = '${window}')
    SELECT class, outcome, fromSecond, list(coalesce(requests, 0) ORDER BY second) AS perSecond
    FROM lines CROSS JOIN seconds LEFT JOIN counted USING (class, outcome, second)
    GROUP BY ALL ORDER BY class, outcome`,
  kql,
  kqlCoarse: kql,
};

function kql({ requests, fromUs, toUs }: KqlRelations): string {
  return `${requests}
  | extend outcome = case(status between (200 .. 299), 'served', status == 429, 'refused', status == 401, 'challenged',
      status == 403, 'forbidden', status == 404, 'not-found', status >= 500, 'failed', 'other')
  | make-series perSecond = sum(weight) default = 0 on second from ${fromUs} / 1000000 to ${toUs} / 1000000 step 1 by class, outcome
  | project class, outcome, fromSecond = ${fromUs} / 1000000, perSecond | sort by class asc, outcome asc`;
}
