import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { quantiles, weighed } from './languages/kql-text.ts';

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
  /** Median gaps from refusal to next try, by attempt; null where several chains may run under one address and target. */
  gap1Ms: z.nullable(z.number()),
  gap2Ms: z.nullable(z.number()),
  gap3Ms: z.nullable(z.number()),
  /** Median growth from gap to gap: 2 where waits double, 1 where they do not grow. */
  growth21: z.nullable(z.number()),
  growth32: z.nullable(z.number()),
  /** Chains that the first step of the growth rests on, and those that both rest on. */
  twoWaitChains: z.number(),
  growthChains: z.number(),
  /**
   * Median time to the next try of the same need, after a refusal and after an answer, and how many each rests on: alike
   * where a refusal makes nobody ask again. Null where there are none.
   */
  afterRefusedMs: z.nullable(z.number()),
  afterRefusedTries: z.number(),
  afterServedMs: z.nullable(z.number()),
  afterServedTries: z.number(),
});

export type RetryRow = z.infer<typeof row>;

/** A gap of zero is a retry at once: it must not divide. */
const SHORTEST_GAP_US = 1_000;
/**
 * Of what is asked again and again, the wait of a retry shows where first waits lie this close together, their quartile
 * range against their median: a client's jitter of a fifth gives 0.2, chance gives 1.6.
 */
const TOGETHER_MAX = 0.5;

/**
 * Per caller around the refusals: attempts for each request served, and how waits grow. Nothing here needs to link two
 * requests by an id, which the log does not offer (field-notes 5).
 */
export const retries: EvidenceKind<RetryRow> = {
  kind: 'retries',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    counted AS (
      SELECT caller_id, count(*) AS attempts, count(*) FILTER (status BETWEEN 200 AND 299) AS served,
        count(*) FILTER (status = 429) AS refused, count(*) FILTER (first) AS first
      FROM tries WHERE inside GROUP BY caller_id),
    followed AS (
      SELECT caller_id,
        ${(['refused', 'served'] as const).map((after) => nextTry(after)).join(',\n        ')}
      FROM tries WHERE inside AND contested GROUP BY caller_id),
    usual AS (
      SELECT caller_id, (quantile_cont(gap1_us, 0.75) - quantile_cont(gap1_us, 0.25)) / median(gap1_us) AS spread
      FROM chains WHERE gap1_us > 0 GROUP BY caller_id),
    told AS (
      SELECT chains.*, NOT hot OR coalesce(spread < ${TOGETHER_MAX}, false) AS alone
      FROM chains LEFT JOIN usual USING (caller_id)),
    chained AS (
      SELECT caller_id,
        count(*) FILTER (tries > 1 OR ended = 429) AS refusedChains,
        count(*) FILTER (ended = 429) AS gaveUp,
        count(*) FILTER (tries > 4) AS longChains,
        ${[1, 2, 3].map((n) => `median(gap${n}_us) FILTER (alone) / 1000 AS gap${n}Ms`).join(', ')},
        median(gap2_us / greatest(gap1_us, ${SHORTEST_GAP_US})) FILTER (alone) AS growth21,
        median(gap3_us / greatest(gap2_us, ${SHORTEST_GAP_US})) FILTER (alone) AS growth32,
        count(gap2_us) FILTER (alone) AS twoWaitChains, count(gap3_us) FILTER (alone) AS growthChains
      FROM told GROUP BY caller_id)
    SELECT caller, attempts, served, refused, first, coalesce(refusedChains, 0) AS refusedChains,
      coalesce(gaveUp, 0) AS gaveUp, coalesce(longChains, 0) AS longChains,
      gap1Ms, gap2Ms, gap3Ms, growth21, growth32, coalesce(twoWaitChains, 0) AS twoWaitChains,
      coalesce(growthChains, 0) AS growthChains,
      afterRefusedMs, coalesce(afterRefusedTries, 0) AS afterRefusedTries,
      afterServedMs, coalesce(afterServedTries, 0) AS afterServedTries
    FROM counted LEFT JOIN chained USING (caller_id) LEFT JOIN followed USING (caller_id) JOIN caller_names USING (caller_id)
    ORDER BY refused DESC, caller`,
  kql: () => `let @counted = tries | where inside
    | summarize attempts = sum(weight), served = ${weighed('status between (200 .. 299)')}, refused = ${weighed('status == 429')},
        firsts = ${weighed('is_first')} by caller;
  let @followed = tries | where inside and contested
    | extend after_refused = iff(previous_status == 429, at_us - previous_us, long(null)),
        after_served = iff(previous_status between (200 .. 299), at_us - previous_us, long(null));
  let @usual = ${quantiles('chains | where gap1_us > 0', ['caller'], {
    p25: { of: 'gap1_us', at: 0.25 },
    p50: { of: 'gap1_us', at: 0.5 },
    p75: { of: 'gap1_us', at: 0.75 },
  })}
    | project caller, spread = (p75 - p25) / p50;
  let @told = materialize(chains | lookup kind=leftouter (@usual) on caller
    | extend alone = not(hot) or coalesce(spread < ${TOGETHER_MAX}, false)
    | extend ${[1, 2, 3].map((n) => `wait${n} = iff(alone, gap${n}_us, long(null))`).join(', ')}
    | extend grown21 = toreal(wait2) / max_of(gap1_us, ${SHORTEST_GAP_US}), grown32 = toreal(wait3) / max_of(gap2_us, ${SHORTEST_GAP_US}));
  @counted
  | lookup kind=leftouter (@told | summarize refusedChains = ${weighed('tries > 1 or ended == 429')},
      gaveUp = ${weighed('ended == 429')}, longChains = ${weighed('tries > 4')},
      twoWaitChains = ${weighed('isnotnull(wait2)')}, growthChains = ${weighed('isnotnull(wait3)')} by caller) on caller
  | lookup kind=leftouter (@followed | summarize afterRefusedTries = ${weighed('isnotnull(after_refused)')},
      afterServedTries = ${weighed('isnotnull(after_served)')} by caller) on caller
  | lookup kind=leftouter (${quantiles('@told', ['caller'], {
    wait1: { of: 'wait1', at: 0.5 },
    wait2: { of: 'wait2', at: 0.5 },
    wait3: { of: 'wait3', at: 0.5 },
    growth21: { of: 'grown21', at: 0.5 },
    growth32: { of: 'grown32', at: 0.5 },
  })}) on caller
  | lookup kind=leftouter (${quantiles('@followed', ['caller'], {
    refused_us: { of: 'after_refused', at: 0.5 },
    served_us: { of: 'after_served', at: 0.5 },
  })}) on caller
  | project caller, attempts, served, refused, ['first'] = firsts, refusedChains = coalesce(refusedChains, 0), gaveUp = coalesce(gaveUp, 0),
      longChains = coalesce(longChains, 0), gap1Ms = wait1 / 1000, gap2Ms = wait2 / 1000, gap3Ms = wait3 / 1000, growth21, growth32,
      twoWaitChains = coalesce(twoWaitChains, 0), growthChains = coalesce(growthChains, 0),
      afterRefusedMs = refused_us / 1000, afterRefusedTries = coalesce(afterRefusedTries, 0),
      afterServedMs = served_us / 1000, afterServedTries = coalesce(afterServedTries, 0)
  | sort by refused desc, caller asc`,
};

function nextTry(after: 'refused' | 'served'): string {
  const name = after === 'refused' ? 'afterRefused' : 'afterServed';
  const filter = after === 'refused' ? 'previous_status = 429' : 'previous_status BETWEEN 200 AND 299';
  return `median(at_us - previous_us) FILTER (${filter}) / 1000 AS ${name}Ms, count(*) FILTER (${filter}) AS ${name}Tries`;
}
