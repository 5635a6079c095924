import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { LIMITED_CLASSES } from './operation-classes.ts';
import { STRETCH } from './stretch.ts';

const row = z.object({
  caller: z.string(),
  /** Addresses that were watched, at most forty, and those of them that read their whole set three times or more. */
  watched: z.number(),
  rereading: z.number(),
  /** From here on of the addresses that re-read, each the median over them. Distinct targets of one address. */
  setSize: z.number(),
  runsEach: z.number(),
  /** Share of the runs that read the whole set. */
  wholeShare: z.number(),
  /** From the start of a run to the start of the next; of runs without a refusal, where there are enough. */
  gapMsP50: z.number(),
  /** How much the gaps vary: their quartile range as that of a normal distribution, against their median. */
  gapVariation: z.number(),
  /** Share of a gap that its run takes: near 0 where the set is read at once, near 1 where reads come all the time. */
  busyShare: z.number(),
  /** Share of the runs that begin with the same three targets as most runs of their address. */
  sameOrderShare: z.number(),
  /** Share of the runs inside the incident's window that begin with a followed 401; null where none lies inside it. */
  challengedShare: z.nullable(z.number()),
  /** Start of the first run seen. */
  firstMs: z.number(),
});

export type RunRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
/** Addresses of one caller that are watched: the middle of forty moves little when there are more. */
const WATCHED_MAX = 40;
/** A set that is read again sooner is read for each piece of work, or by many behind one address: it has no rhythm. */
const RETURN_MIN_US = 4_000_000;
/** A new run follows a silence of this part of the usual time between two reads of one target, and of so long. */
const SILENCE_SHARE = 0.25;
const SILENCE_MIN_US = 2_000_000;
/** After a refusal the silence may be the wait before a retry: of the usual clients the fifth takes 16 s, or 25 s. */
const RETRY_WAIT_MAX_US = 35_000_000;
/** A run that read this much of the set read it whole: one target may be new or left out. */
const WHOLE_SHARE = 0.8;
const WHOLE_RUNS_MIN = 3;
/** Quartile range of a normal distribution in standard deviations. */
const QUARTILES_SD = 1.349;

const LIMITED = LIMITED_CLASSES.map((name) => `'${name}'`).join(', ');
const ASKED = `FROM requests, stretch WHERE caller IS NOT NULL AND class IN (${LIMITED})
        AND second >= stretch.from_second AND second < stretch.to_second`;

/**
 * The rhythm in which the addresses of a caller read all that they ever read: one row for each of the twenty busiest callers
 * that has an address which does so three times or more. Addresses are instances only where none is shared.
 */
export const runs: EvidenceKind<RunRow> = {
  kind: 'runs',
  row,
  baseline: false,
  sql: () => `WITH
    ${STRETCH},
    busiest AS (
      SELECT caller_id FROM tries JOIN caller_names USING (caller_id) WHERE inside
      GROUP BY caller_id, caller ORDER BY count(*) DESC, caller LIMIT ${CALLERS_MAX}),
    needs AS NOT MATERIALIZED (
      SELECT hash(caller) AS caller_id, hash(caller, address) AS address_id, hash(target) AS target_id,
        count(*) AS answers, min(at_us) AS first_us, max(at_us) AS last_us
      ${ASKED} AND status <> 429 GROUP BY ALL),
    addresses AS (
      SELECT caller_id, address_id, count(*) AS set_size,
        median((last_us - first_us) / (answers - 1)) FILTER (answers >= ${WHOLE_RUNS_MIN}) AS return_us
      FROM needs SEMI JOIN busiest USING (caller_id) GROUP BY caller_id, address_id),
    watched AS MATERIALIZED (
      SELECT * FROM addresses QUALIFY row_number() OVER (PARTITION BY caller_id ORDER BY address_id) <= ${WATCHED_MAX}),
    recurring AS MATERIALIZED (SELECT * FROM watched WHERE return_us >= ${RETURN_MIN_US}),
    steps AS (
      SELECT hash(caller, address) AS address_id, hash(target) AS target_id, at_us, status
      ${ASKED} AND hash(caller, address) IN (SELECT address_id FROM recurring)
      UNION ALL
      SELECT hash(caller, address), NULL, second::BIGINT * 1000000, 401
      FROM challenged WHERE hash(caller, address) IN (SELECT address_id FROM recurring)),
    before AS (
      SELECT *, lag(status) OVER all_steps AS status_before,
        max(at_us) FILTER (target_id IS NOT NULL) OVER (all_steps ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
          AS asked_before_us
      FROM steps WINDOW all_steps AS (PARTITION BY address_id ORDER BY at_us, target_id NULLS FIRST)),
    told AS (
      SELECT before.*, set_size, caller_id,
        status_before IS NOT DISTINCT FROM 401 AS challenged,
        CASE WHEN asked_before_us IS NULL THEN true
          WHEN status_before = 401 THEN at_us - asked_before_us >= ${SILENCE_MIN_US}
          ELSE at_us - asked_before_us >= greatest(${SILENCE_MIN_US}, ${SILENCE_SHARE} * return_us)
            AND NOT (status_before = 429 AND at_us - asked_before_us <= ${RETRY_WAIT_MAX_US}) END AS starts
      FROM before JOIN recurring USING (address_id) WHERE target_id IS NOT NULL),
    numbered AS (
      SELECT *, sum(starts::INTEGER) OVER (PARTITION BY address_id ORDER BY at_us, target_id) AS run FROM told),
    each_run AS (
      SELECT address_id, any_value(caller_id) AS caller_id, any_value(set_size) AS set_size, run,
        min(at_us) AS start_us, max(at_us) AS end_us, bool_or(starts AND challenged) AS challenged,
        count(*) FILTER (status = 429) = 0 AS undisturbed, count(DISTINCT target_id) >= ${WHOLE_SHARE} * any_value(set_size) AS whole,
        hash(list(target_id ORDER BY at_us) FILTER (status <> 429)[1:3]) AS head
      FROM numbered GROUP BY address_id, run),
    followed AS (
      SELECT *, lead(start_us) OVER (PARTITION BY address_id ORDER BY run) - start_us AS gap_us FROM each_run),
    gaps AS (
      SELECT *, undisturbed OR count(gap_us) FILTER (undisturbed) OVER (PARTITION BY address_id) < ${WHOLE_RUNS_MIN - 1}
          AS measured
      FROM followed),
    heads AS (
      SELECT address_id, max(alike) / sum(alike) AS same_order FROM (
        SELECT address_id, head, count(*) AS alike FROM each_run GROUP BY ALL) GROUP BY address_id),
    rhythms AS (
      SELECT address_id, any_value(caller_id) AS caller_id, any_value(set_size) AS set_size, count(*) AS runs,
        avg(whole::INTEGER) AS whole_share, median(gap_us) FILTER (measured) AS gap_us,
        (quantile_cont(gap_us, 0.75) FILTER (measured) - quantile_cont(gap_us, 0.25) FILTER (measured)) / ${QUARTILES_SD}
          AS gap_spread_us,
        median((end_us - start_us) / gap_us) FILTER (measured) AS busy_share,
        avg(challenged::INTEGER) FILTER (start_us >= incident_us) AS challenged_share, min(start_us) AS first_us
      FROM gaps, stretch GROUP BY address_id HAVING count(*) FILTER (whole) >= ${WHOLE_RUNS_MIN}),
    sizes AS (SELECT caller_id, count(*) AS watched FROM watched GROUP BY caller_id)
    SELECT caller, any_value(watched) AS watched, count(*) AS rereading, median(set_size) AS setSize,
      median(runs) AS runsEach, median(whole_share) AS wholeShare, median(gap_us) / 1000 AS gapMsP50,
      median(gap_spread_us / gap_us) AS gapVariation, median(busy_share) AS busyShare,
      median(same_order) AS sameOrderShare, median(challenged_share) AS challengedShare, min(first_us) / 1000 AS firstMs
    FROM rhythms JOIN heads USING (address_id) JOIN sizes USING (caller_id) JOIN caller_names USING (caller_id)
    GROUP BY caller ORDER BY rereading DESC, caller`,
};
