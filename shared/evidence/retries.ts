import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  caller: z.string(),
  attempts: z.number(),
  served: z.number(),
  refused: z.number(),
  /** Tries that did not follow a refusal of the same caller, address and target. */
  first: z.number(),
  /** Chains that were refused at least once, and those of them that ended without being served. */
  refusedChains: z.number(),
  gaveUp: z.number(),
  /** Refused chains of more than four tries: longer than .NET's, Java's and Go's default of three retries. */
  longChains: z.number(),
  /** Median gaps from refusal to next try, by attempt; null where several chains run under one address and target. */
  gap1Ms: z.nullable(z.number()),
  gap2Ms: z.nullable(z.number()),
  gap3Ms: z.nullable(z.number()),
  /** Median growth from gap to gap: 2 where waits double, 1 where they do not grow. */
  growth21: z.nullable(z.number()),
  growth32: z.nullable(z.number()),
  /** Chains that the growth rests on. */
  growthChains: z.number(),
});

export type RetryRow = z.infer<typeof row>;

/** Above this share of chains that overlap under one address and target, gaps are no waits of one client. */
const OVERLAPPING_SHARE = 0.1;
/** A gap of zero is a retry at once: it must not divide. */
const SHORTEST_GAP_US = 1_000;

/**
 * Per caller around the refusals: attempts for each request served, and how waits grow. Nothing here needs to link two
 * requests by an id, which the log does not offer (field-notes 5).
 */
export const retries: EvidenceKind<RetryRow> = {
  kind: 'retries',
  row,
  baseline: false,
  sql: () => `WITH
    counted AS (
      SELECT caller_id, count(*) AS attempts, count(*) FILTER (status BETWEEN 200 AND 299) AS served,
        count(*) FILTER (status = 429) AS refused, count(*) FILTER (first) AS first
      FROM tries WHERE inside GROUP BY caller_id),
    chained AS (
      SELECT caller_id,
        count(*) FILTER (tries > 1 OR ended = 429) AS refusedChains,
        count(*) FILTER (ended = 429) AS gaveUp,
        count(*) FILTER (tries > 4) AS longChains,
        coalesce(avg(overlapped::INTEGER) FILTER (tries > 1), 0) > ${OVERLAPPING_SHARE} AS mixed,
        median(gap1_us) / 1000 AS gap1Ms, median(gap2_us) / 1000 AS gap2Ms, median(gap3_us) / 1000 AS gap3Ms,
        median(gap2_us / greatest(gap1_us, ${SHORTEST_GAP_US})) AS growth21,
        median(gap3_us / greatest(gap2_us, ${SHORTEST_GAP_US})) AS growth32,
        count(gap3_us) AS growthChains
      FROM chains GROUP BY caller_id)
    SELECT caller, attempts, served, refused, first, refusedChains, gaveUp, longChains,
      CASE WHEN NOT mixed THEN gap1Ms END AS gap1Ms, CASE WHEN NOT mixed THEN gap2Ms END AS gap2Ms,
      CASE WHEN NOT mixed THEN gap3Ms END AS gap3Ms, CASE WHEN NOT mixed THEN growth21 END AS growth21,
      CASE WHEN NOT mixed THEN growth32 END AS growth32, CASE WHEN mixed THEN 0 ELSE growthChains END AS growthChains
    FROM counted JOIN chained USING (caller_id) JOIN caller_names USING (caller_id)
    ORDER BY refused DESC, caller`,
};
