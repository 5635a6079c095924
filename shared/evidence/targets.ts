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
  aroundRefusals: true,
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
  kql: () => `let @counted = materialize(needs
    | summarize requests = sum(weight * tries), firsts = sum(weight * firsts), refused = sum(weight * refused),
        forbidden = sum(weight * forbidden), not_found = sum(weight * not_found) by caller, target, instance, weight
    | summarize requests = sum(requests), firsts = sum(firsts), refused = sum(refused), forbidden = sum(forbidden),
        notFound = sum(not_found), addresses = sum(weight) by caller, target);
  let @busiest = @counted | summarize requests = sum(requests) by caller | sort by requests desc, caller asc | take ${CALLERS_MAX};
  let @most_asked = materialize(@counted | join kind=leftsemi @busiest on caller | extend failing = forbidden + notFound
    | sort by caller asc, requests desc, target asc | extend nth = row_number(1, caller != prev(caller))
    | sort by caller asc, failing desc, target asc | extend failing_nth = row_number(1, caller != prev(caller))
    | where nth <= ${TARGETS_MAX} or failing > 0 and failing_nth <= ${FAILING_MAX});
  let @asked_in = @most_asked | join kind=rightsemi (tries | where inside and is_first) on caller, target
    | distinct caller, target, minute | summarize minutes = count() by caller, target;
  @most_asked | lookup kind=leftouter (@asked_in) on caller, target
  | project caller, target, requests, ['first'] = firsts, refused, forbidden, notFound, addresses, minutes = coalesce(minutes, 0)
  | sort by caller asc, requests desc, target asc`,
};
