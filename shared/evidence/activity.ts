import * as z from 'zod/mini';
import { type EvidenceKind, numbers } from './kind.ts';
import { weighed } from './languages/kql-text.ts';
import { STRETCH } from './stretch.ts';

const row = z.object({
  /** Null for challenges that no authenticated request followed: they carry no identity (field-notes 4). */
  caller: z.nullable(z.string()),
  /** Seconds since the epoch of the first bin, which the log holds: a multiple of ten. */
  fromSecond: z.number(),
  /** Authenticated requests in each 10 s; in the row without a caller, challenges. */
  perTenSeconds: numbers,
  /** Those of them that were forbidden (403) or found nothing (404). */
  failedPerTenSeconds: numbers,
});

export type ActivityRow = z.infer<typeof row>;

const CALLERS_MAX = 20;

/**
 * How busy each of the twenty busiest callers was, from up to two hours before the first refusal: whatever fell or rose
 * before it. Challenges are known inside the incident's window only.
 */
export const activity: EvidenceKind<ActivityRow> = {
  kind: 'activity',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    ${STRETCH},
    counted AS (
      SELECT caller, second // 10 AS bin, count(*) AS requests,
        count(*) FILTER (status IN (403, 404)) AS failed
      FROM requests, stretch
      WHERE caller IS NOT NULL AND second >= stretch.from_second AND second < stretch.to_second GROUP BY ALL),
    busiest AS (SELECT caller FROM counted GROUP BY caller ORDER BY sum(requests) DESC, caller LIMIT ${CALLERS_MAX}),
    orphans AS (
      SELECT second // 10 AS bin, count(*) AS requests FROM challenged, stretch
      WHERE caller IS NULL AND second < stretch.to_second GROUP BY bin),
    lines AS (
      SELECT caller, bin, requests, failed FROM counted SEMI JOIN busiest USING (caller)
      UNION ALL SELECT NULL, bin, requests, 0 FROM orphans),
    bins AS (
      SELECT unnest(range((SELECT min(bin) FROM counted), any_value((to_second + 9) // 10))) AS bin FROM stretch),
    names AS (SELECT DISTINCT caller FROM lines)
    SELECT names.caller, 10 * min(bins.bin) AS fromSecond, list(coalesce(requests, 0) ORDER BY bins.bin) AS perTenSeconds,
      list(coalesce(failed, 0) ORDER BY bins.bin) AS failedPerTenSeconds
    FROM names CROSS JOIN bins LEFT JOIN lines ON lines.caller IS NOT DISTINCT FROM names.caller AND lines.bin = bins.bin
    GROUP BY names.caller ORDER BY names.caller NULLS LAST`,
  kql: () => `let @counted = materialize(requests
    | where isnotempty(caller) and second >= stretch_from and second < stretch_to
    | summarize requests = sum(weight), failed = ${weighed('status in (403, 404)')} by caller, bin = second / 10);
  let @busiest = @counted | summarize requests = sum(requests) by caller | sort by requests desc, caller asc | take ${CALLERS_MAX};
  let @first_bin = @counted | summarize from_bin = min(bin) | where isnotnull(from_bin) | extend one = 1;
  union (@counted | join kind=leftsemi @busiest on caller),
    (challenged | where isempty(caller) and second < stretch_to
      | summarize requests = sum(weight) by caller, bin = second / 10 | extend failed = 0)
  | make-series perTenSeconds = sum(requests) default = 0, failedPerTenSeconds = sum(failed) default = 0
      on bin from coalesce(stretch_from, 0) / 10 to (coalesce(stretch_to, 10) + 9) / 10 step 1 by caller
  | extend one = 1 | lookup kind=inner (@first_bin) on one
  | extend skipped = from_bin - stretch_from / 10
  | project caller, fromSecond = 10 * from_bin, perTenSeconds = array_slice(perTenSeconds, skipped, -1),
      failedPerTenSeconds = array_slice(failedPerTenSeconds, skipped, -1)
  | sort by isempty(caller) asc, caller asc`,
};
