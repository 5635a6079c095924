import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  caller: z.string(),
  /** `secrets/name`, lower-cased, without host, version and query. */
  target: z.string(),
  requests: z.number(),
  /** Tries that follow no refusal. */
  first: z.number(),
  refused: z.number(),
  forbidden: z.number(),
  notFound: z.number(),
  addresses: z.number(),
  /** Distinct minutes in which it was asked for the first time. */
  minutes: z.number(),
});

export type TargetRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
const TARGETS_MAX = 5;
const FAILING_MAX = 3;

/**
 * The five most asked secrets, keys and certificates of each of the twenty busiest callers, around the refusals, and the
 * three that were forbidden or not there most often.
 */
export const targets: EvidenceKind<TargetRow> = {
  kind: 'targets',
  row,
  baseline: false,
  sql: () => `WITH
    counted AS (
      SELECT caller_id, target_id, sum(tries) AS requests, sum(first) AS first, sum(refused) AS refused,
        sum(forbidden) AS forbidden, sum(not_found) AS notFound,
        count(DISTINCT instance) AS addresses
      FROM needs GROUP BY caller_id, target_id),
    busiest AS (
      SELECT caller_id FROM counted JOIN caller_names USING (caller_id)
      GROUP BY caller_id, caller ORDER BY sum(requests) DESC, caller LIMIT ${CALLERS_MAX}),
    most_asked AS MATERIALIZED (
      SELECT * FROM counted SEMI JOIN busiest USING (caller_id) JOIN caller_names USING (caller_id) JOIN target_names USING (target_id)
      QUALIFY row_number() OVER (PARTITION BY caller_id ORDER BY requests DESC, target) <= ${TARGETS_MAX}
        OR forbidden + notFound > 0
          AND row_number() OVER (PARTITION BY caller_id ORDER BY forbidden + notFound DESC, target) <= ${FAILING_MAX}),
    asked_in AS (
      SELECT caller_id, target_id, count(*) AS minutes FROM (
        SELECT DISTINCT caller_id, target_id, second // 60 FROM tries SEMI JOIN most_asked USING (caller_id, target_id)
        WHERE inside AND first)
      GROUP BY caller_id, target_id)
    SELECT caller, target, requests, first, refused, forbidden, notFound, addresses, coalesce(minutes, 0) AS minutes
    FROM most_asked LEFT JOIN asked_in USING (caller_id, target_id)
    ORDER BY caller, requests DESC, target`,
};
