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

/** The five most asked secrets, keys and certificates of each of the twenty busiest callers, around the refusals. */
export const targets: EvidenceKind<TargetRow> = {
  kind: 'targets',
  row,
  baseline: false,
  sql: () => `WITH
    busiest AS (
      SELECT caller_id FROM tries JOIN caller_names USING (caller_id) WHERE inside
      GROUP BY caller_id, caller ORDER BY count(*) DESC, caller LIMIT ${CALLERS_MAX}),
    counted AS (
      SELECT caller_id, target_id, count(*) AS requests, count(*) FILTER (first) AS first,
        count(*) FILTER (status = 429) AS refused, count(*) FILTER (status = 403) AS forbidden,
        count(*) FILTER (status = 404) AS notFound, count(DISTINCT instance) AS addresses,
        count(DISTINCT second // 60) FILTER (first) AS minutes
      FROM tries SEMI JOIN busiest USING (caller_id) WHERE inside GROUP BY caller_id, target_id)
    SELECT caller, target, counted.* EXCLUDE (caller_id, target_id)
    FROM counted JOIN caller_names USING (caller_id) JOIN target_names USING (target_id)
    QUALIFY row_number() OVER (PARTITION BY caller ORDER BY requests DESC, target) <= ${TARGETS_MAX}
    ORDER BY caller, requests DESC, target`,
};
