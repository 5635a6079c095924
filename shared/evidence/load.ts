import * as z from 'zod/mini';
import { type EvidenceKind, numbers } from './kind.ts';
import { SESSION_IDLE_US } from './languages/derived-bounds.ts';
import {
  CALLERS_MAX,
  CHAIN_BINS,
  COUNTS,
  GOES_ON_WITHIN_US,
  SHARED_FACTOR,
  SHARED_MIN,
  TTLS_S,
  WARM_UP_S,
} from './load-bounds.ts';
import { loadKql } from './load-kql.ts';

const milliseconds = z.nullable(z.number());

const row = z.object({
  /** One of the twenty busiest callers; null for all others together. */
  caller: z.nullable(z.string()),
  class: z.string(),
  /** Seconds since the epoch of the first bin of each array below. */
  fromSecond: z.number(),
  first: numbers,
  retry: numbers,
  served: numbers,
  refused: numbers,
  /** Reads that a cache with this time to live (seconds) would still have made: one per address, target and its cell. */
  miss60: numbers,
  miss300: numbers,
  miss1800: numbers,
  miss3600: numbers,
  /** First tries of operations whose answer cannot be kept. */
  uncacheable: numbers,
  /** Instances that began after a silence; behind a shared address, challenges that an authenticated request followed. */
  sessionStart: numbers,
  readsPerSessionP50: milliseconds,
  /** From a served read to the next first try of the same instance. */
  stepMsP50: milliseconds,
  stepMsP90: milliseconds,
  /** Share of such steps that began before the read before had ended. */
  parallelShare: z.number(),
  /** From a refusal to the next try of the same need, by attempt. */
  gap1Ms: milliseconds,
  gap2Ms: milliseconds,
  gap3Ms: milliseconds,
  gap4Ms: milliseconds,
  gap5Ms: milliseconds,
  /** Number of needs by how many tries they took, from 1; the last bin holds all longer ones. */
  chainLengths: numbers,
  /** The same of needs that ended refused. */
  gaveUpLengths: numbers,
  /** Share of the needs that are asked too often to tell their tries apart; gaps and lengths are of the others. */
  hotShare: z.number(),
  /** Share of the needs given up after which the instance went on to another within 30 s. */
  goesOnShare: milliseconds,
  addresses: z.number(),
  challenges: z.number(),
});

export type LoadRow = z.infer<typeof row>;

/** Each line of the answer has a range of numbers for its seconds: one number is found faster than three columns. */
const LINE = 2 ** 32;

/** What may be kept, from as long before as the longest time to live. */
const READS = `(
        SELECT hash(caller, address, target) AS need, hash(caller) AS caller_id, class, second
        FROM requests, storm
        WHERE caller IS NOT NULL AND cacheable
          AND second < to_second AND second >= from_second - ${TTLS_S.at(-1)})`;

/**
 * The aggregates that what-if replays (field-notes 7), around the refusals: one row a caller and operation class. Raw
 * rows would not fit what log stores give back; these do.
 */
export const load: EvidenceKind<LoadRow> = {
  kind: 'load',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    asked AS MATERIALIZED (SELECT caller_id, class, sum(tries) AS tries FROM needs GROUP BY ALL),
    ranked AS (
      SELECT caller_id FROM asked JOIN caller_names USING (caller_id)
      GROUP BY caller_id, caller ORDER BY sum(tries) DESC, caller LIMIT ${CALLERS_MAX}),
    busiest AS MATERIALIZED (
      SELECT caller_id, ranked.caller_id AS who FROM caller_names LEFT JOIN ranked USING (caller_id)),
    lines AS MATERIALIZED (
      SELECT who, class, row_number() OVER ()::BIGINT * ${LINE} AS line
      FROM (SELECT DISTINCT who, class FROM asked JOIN busiest USING (caller_id))),
    placed AS MATERIALIZED (
      SELECT caller_id, lines.class, line FROM busiest JOIN lines ON lines.who IS NOT DISTINCT FROM busiest.who),
    counts AS (
      SELECT line + second AS bin, count(*) FILTER (first) AS first, count(*) FILTER (NOT first) AS retry,
        count(*) FILTER (status BETWEEN 200 AND 299) AS served, count(*) FILTER (status = 429) AS refused,
        count(*) FILTER (first AND NOT cacheable) AS uncacheable
      FROM tries JOIN placed USING (caller_id, class) WHERE inside GROUP BY bin),
    ${cellsOf(60, READS)},
    sighted AS MATERIALIZED (
      SELECT need, min(second) AS earliest, min(second) < any_value(log_second) + ${WARM_UP_S} AS warm
      FROM cells60, storm GROUP BY need),
    ${cellsOf(300, 'cells60')},
    ${cellsOf(1800, 'cells300')},
    ${cellsOf(3600, 'cells1800')},
    main_class AS (SELECT caller_id, arg_max(class, (tries, class)) AS class FROM asked GROUP BY caller_id),
    challenged_callers AS (
      SELECT hash(caller) AS caller_id, second FROM challenged, storm
      WHERE caller IS NOT NULL AND second >= from_second AND second < to_second),
    shared_address AS (
      SELECT caller_id FROM (SELECT caller_id, count(*) AS challenges FROM challenged_callers GROUP BY caller_id)
        LEFT JOIN (SELECT caller_id, count(*) AS starts FROM sessions GROUP BY caller_id) USING (caller_id)
      WHERE challenges >= ${SHARED_FACTOR} * coalesce(starts, 0) AND challenges >= ${SHARED_MIN}),
    starting AS (
      SELECT caller_id, class, second FROM sessions ANTI JOIN shared_address USING (caller_id)
      UNION ALL
      SELECT caller_id, class, second FROM challenged_callers SEMI JOIN shared_address USING (caller_id)
        JOIN main_class USING (caller_id)),
    ${TTLS_S.map(missesOf).join(',\n    ')},
    session_starts AS (
      SELECT line + second AS bin, count(*) AS sessionStart FROM starting JOIN placed USING (caller_id, class) GROUP BY bin),
    bins AS (
      SELECT who, class, line, second, line + second AS bin
      FROM (SELECT unnest(range(from_second, to_second)) AS second FROM storm) CROSS JOIN lines),
    series AS (
      SELECT who, class, min(second) AS fromSecond,
        list({ 'second': second, ${COUNTS.map((name) => `'${name}': coalesce(${name}, 0)::DOUBLE`).join(', ')} } ORDER BY second)
          AS bins
      FROM bins LEFT JOIN counts USING (bin) ${TTLS_S.map((ttl) => `LEFT JOIN misses${ttl} USING (bin)`).join(' ')}
        LEFT JOIN session_starts USING (bin)
      GROUP BY who, class),
    stepped AS (
      SELECT who, class,
        median(at_us - instance_us) / 1000 AS stepMsP50, quantile_cont(at_us - instance_us, 0.9) / 1000 AS stepMsP90,
        avg((at_us < instance_us + 1000 * instance_ms)::INTEGER) AS parallelShare
      FROM (
        SELECT caller_id, class, at_us, inside, first, lag(at_us) OVER instances AS instance_us,
          lag(status) OVER instances AS instance_status, lag(duration_ms) OVER instances AS instance_ms
        FROM tries WHERE instance IN (SELECT instance FROM sessions)
        WINDOW instances AS (PARTITION BY instance ORDER BY at_us, event))
        JOIN busiest USING (caller_id)
      WHERE inside AND first AND at_us - instance_us <= ${SESSION_IDLE_US} AND instance_status BETWEEN 200 AND 299
      GROUP BY who, class),
    held AS (
      SELECT who, class, median(reads) AS readsPerSessionP50 FROM sessions JOIN busiest USING (caller_id)
      GROUP BY who, class),
    ended AS (
      SELECT who, chains.*, least(tries, ${CHAIN_BINS}) AS bin FROM chains JOIN busiest USING (caller_id)),
    lengths AS (
      SELECT who, class, hot, bin, gave_up, sum(chains) AS chains FROM (
        SELECT who, class, hot, bin, ended = 429 AS gave_up, count(*) AS chains FROM ended GROUP BY ALL
        UNION ALL
        SELECT who, class, hot, 1, false, sum(uncontested) FROM needs JOIN busiest USING (caller_id)
        WHERE uncontested > 0 GROUP BY ALL)
      GROUP BY ALL),
    chained AS (
      SELECT who, class, coalesce(sum(chains) FILTER (hot), 0) / sum(chains) AS hotShare,
        [${bins('bin = # AND NOT hot')}] AS chainLengths,
        [${bins('bin = # AND NOT hot AND gave_up')}] AS gaveUpLengths
      FROM lengths GROUP BY who, class),
    waited AS (
      SELECT who, class, ${[1, 2, 3, 4, 5].map((n) => `median(gap${n}_us) / 1000 AS gap${n}Ms`).join(', ')}
      FROM ended WHERE NOT hot GROUP BY who, class),
    gave_up AS (SELECT who, class, instance, to_us FROM ended WHERE ended = 429 AND NOT hot),
    next_need AS (
      SELECT who, gave_up.class, avg(coalesce(after.at_us - gave_up.to_us <= ${GOES_ON_WITHIN_US}, false)::INTEGER) AS goesOnShare
      FROM gave_up ASOF LEFT JOIN (
        SELECT instance, at_us FROM tries WHERE first AND instance IN (SELECT instance FROM gave_up)) AS after
        ON after.instance = gave_up.instance AND after.at_us > gave_up.to_us
      GROUP BY who, gave_up.class),
    sizes AS (
      SELECT who, class, count(DISTINCT instance) AS addresses FROM needs JOIN busiest USING (caller_id)
      GROUP BY who, class),
    challenged_by AS (
      SELECT who, count(*) AS challenges FROM challenged_callers JOIN busiest USING (caller_id) GROUP BY who)
    SELECT caller_names.caller, series.class, fromSecond,
      ${COUNTS.map((name) => `list_transform(bins, lambda bin: bin.${name}) AS ${name}`).join(', ')},
      readsPerSessionP50, stepMsP50, stepMsP90,
      coalesce(parallelShare, 0) AS parallelShare, gap1Ms, gap2Ms, gap3Ms, gap4Ms, gap5Ms,
      chainLengths, gaveUpLengths, hotShare, goesOnShare, addresses,
      coalesce(challenges, 0) AS challenges
    FROM series
      ${['stepped', 'held', 'chained', 'waited', 'next_need', 'sizes'].map((name) => `LEFT JOIN ${name} ON ${sameLine(name)}`).join('\n      ')}
      LEFT JOIN challenged_by ON challenged_by.who IS NOT DISTINCT FROM series.who
      LEFT JOIN caller_names ON caller_names.caller_id = series.who
    ORDER BY caller_names.caller NULLS LAST, series.class`,
  kql: loadKql,
};

/**
 * The first read of each need in each cell of a time to live. Cells begin at another second for each need, so that no
 * stampede is invented at their edges; each time to live is a multiple of the one before, and so are the cells.
 */
function cellsOf(ttlSeconds: (typeof TTLS_S)[number], reads: string): string {
  return `cells${ttlSeconds} AS MATERIALIZED (
      SELECT need, caller_id, class, ${cellAt('second', ttlSeconds)} AS cell, min(second) AS second
      FROM ${reads} GROUP BY ALL)`;
}

function missesOf(ttlSeconds: (typeof TTLS_S)[number]): string {
  return `misses${ttlSeconds} AS (
      SELECT line + second AS bin, count(*) AS miss${ttlSeconds}
      FROM cells${ttlSeconds} JOIN sighted USING (need) JOIN placed USING (caller_id, class)
      WHERE NOT (warm AND cell = ${cellAt('earliest', ttlSeconds)}) GROUP BY bin)`;
}

function cellAt(second: string, ttlSeconds: number): string {
  return `(${second} + (need % ${ttlSeconds})::INTEGER) // ${ttlSeconds}`;
}

function sameLine(table: string): string {
  return `${table}.who IS NOT DISTINCT FROM series.who AND ${table}.class = series.class`;
}

function bins(condition: string): string {
  return Array.from(
    { length: CHAIN_BINS },
    (_, index) => `coalesce(sum(chains) FILTER (${condition.replace('#', `${index + 1}`)}), 0)`,
  ).join(', ');
}
