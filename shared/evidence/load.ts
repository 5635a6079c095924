import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { CACHEABLE_OPERATIONS } from './operation-classes.ts';

const perSecond = z.array(z.number());
const milliseconds = z.nullable(z.number());

const row = z.object({
  /** One of the twenty busiest callers; null for all others together. */
  caller: z.nullable(z.string()),
  class: z.string(),
  /** Seconds since the epoch of the first bin of each array below. */
  fromSecond: z.number(),
  first: perSecond,
  retry: perSecond,
  served: perSecond,
  refused: perSecond,
  /** Reads that a cache with this time to live (seconds) would still have made: one per address, target and its cell. */
  miss60: perSecond,
  miss300: perSecond,
  miss1800: perSecond,
  miss3600: perSecond,
  /** First tries of operations whose answer cannot be kept. */
  uncacheable: perSecond,
  /** Instances that began after a silence; behind a shared address, challenges that an authenticated request followed. */
  sessionStart: perSecond,
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
  chainLengths: z.array(z.number()),
  /** The same of needs that ended refused. */
  gaveUpLengths: z.array(z.number()),
  /** Share of the needs that are asked too often to tell their tries apart; gaps and lengths are of the others. */
  hotShare: z.number(),
  /** Share of the needs given up after which the instance went on to another within 30 s. */
  goesOnShare: milliseconds,
  addresses: z.number(),
  challenges: z.number(),
});

export type LoadRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
const CHAIN_BINS = 20;
const GOES_ON_WITHIN_US = 30_000_000;
/** A pair first seen this early in the log was being read before it, so its first sight is no miss. */
const WARM_UP_S = 60;
/** A caller with this many times more challenges than starting addresses, and at least so many, shares its addresses. */
const SHARED_FACTOR = 2;
const SHARED_MIN = 10;
const TTLS_S = [60, 300, 1800, 3600] as const;

const CACHEABLE = CACHEABLE_OPERATIONS.map((name) => `'${name}'`).join(', ');

/**
 * The aggregates that what-if replays (field-notes 7), around the refusals: one row a caller and operation class. Raw
 * rows would not fit what log stores give back; these do.
 */
export const load: EvidenceKind<LoadRow> = {
  kind: 'load',
  row,
  baseline: false,
  sql: () => `WITH
    ranked AS (
      SELECT caller_id FROM tries JOIN caller_names USING (caller_id) WHERE inside
      GROUP BY caller_id, caller ORDER BY count(*) DESC, caller LIMIT ${CALLERS_MAX}),
    busiest AS (SELECT caller_id, ranked.caller_id AS who FROM caller_names LEFT JOIN ranked USING (caller_id)),
    counted AS (
      SELECT who, class, second, count(*) FILTER (first) AS first, count(*) FILTER (NOT first) AS retry,
        count(*) FILTER (status BETWEEN 200 AND 299) AS served, count(*) FILTER (status = 429) AS refused,
        count(*) FILTER (first AND NOT cacheable) AS uncacheable
      FROM tries JOIN busiest USING (caller_id) WHERE inside GROUP BY who, class, second),
    reads AS MATERIALIZED (
      SELECT hash(caller) AS caller_id, class, hash(caller, address, target) AS need, second, log_second
      FROM requests, storm
      WHERE caller IS NOT NULL AND operation IN (${CACHEABLE})
        AND second < to_second AND second >= from_second - ${TTLS_S.at(-1)}),
    sighted AS (SELECT need, min(second) < any_value(log_second) + ${WARM_UP_S} AS warm FROM reads GROUP BY need),
    ${TTLS_S.map(missesOf).join(',\n    ')},
    main_class AS (SELECT caller_id, arg_max(class, (uses, class)) AS class FROM (
      SELECT caller_id, class, count(*) AS uses FROM tries WHERE inside GROUP BY ALL) GROUP BY caller_id),
    challenged_callers AS (
      SELECT hash(caller) AS caller_id, second FROM challenged, storm
      WHERE caller IS NOT NULL AND second >= from_second AND second < to_second),
    shared_address AS (
      SELECT caller_id FROM (SELECT caller_id, count(*) AS challenges FROM challenged_callers GROUP BY caller_id)
        LEFT JOIN (SELECT caller_id, count(*) AS starts FROM sessions WHERE starts GROUP BY caller_id) USING (caller_id)
      WHERE challenges >= ${SHARED_FACTOR} * coalesce(starts, 0) AND challenges >= ${SHARED_MIN}),
    starting AS (
      SELECT caller_id, class, second FROM sessions ANTI JOIN shared_address USING (caller_id) WHERE starts
      UNION ALL
      SELECT caller_id, class, second FROM challenged_callers SEMI JOIN shared_address USING (caller_id)
        JOIN main_class USING (caller_id)),
    began AS (
      SELECT who, class, second, count(*) AS session_start FROM starting JOIN busiest USING (caller_id)
      GROUP BY who, class, second),
    lines AS (SELECT DISTINCT who, class FROM counted),
    seconds AS (SELECT from_second, unnest(range(from_second, to_second)) AS second FROM storm),
    series AS (
      SELECT lines.who, lines.class, any_value(from_second) AS fromSecond,
        ${['first', 'retry', 'served', 'refused', 'uncacheable'].map((name) => listOf(`counted.${name}`, name)).join(', ')},
        ${TTLS_S.map((ttl) => listOf(`misses${ttl}.misses`, `miss${ttl}`)).join(', ')},
        ${listOf('session_start', 'sessionStart')}
      FROM lines CROSS JOIN seconds
        LEFT JOIN counted ON ${sameCell('counted')}
        ${TTLS_S.map((ttl) => `LEFT JOIN misses${ttl} ON ${sameCell(`misses${ttl}`)}`).join('\n        ')}
        LEFT JOIN began ON ${sameCell('began')}
      GROUP BY lines.who, lines.class),
    stepped AS (
      SELECT who, class,
        median(at_us - instance_us) / 1000 AS stepMsP50, quantile_cont(at_us - instance_us, 0.9) / 1000 AS stepMsP90,
        avg((at_us < instance_us + 1000 * instance_ms)::INTEGER) AS parallelShare
      FROM tries JOIN busiest USING (caller_id)
      WHERE inside AND first AND NOT starts AND instance_status BETWEEN 200 AND 299 GROUP BY who, class),
    held AS (
      SELECT who, class, median(reads) AS readsPerSessionP50 FROM sessions JOIN busiest USING (caller_id)
      WHERE starts GROUP BY who, class),
    ended AS (
      SELECT who, chains.*, least(tries, ${CHAIN_BINS}) AS bin FROM chains JOIN busiest USING (caller_id)),
    chained AS (
      SELECT who, class,
        ${[1, 2, 3, 4, 5].map((n) => `median(gap${n}_us) FILTER (NOT hot) / 1000 AS gap${n}Ms`).join(', ')},
        avg(hot::INTEGER) AS hotShare,
        [${bins('bin = # AND NOT hot')}] AS chainLengths,
        [${bins('bin = # AND NOT hot AND ended = 429')}] AS gaveUpLengths
      FROM ended GROUP BY who, class),
    next_need AS (
      SELECT who, gave_up.class, avg(coalesce(after.at_us - gave_up.to_us <= ${GOES_ON_WITHIN_US}, false)::INTEGER) AS goesOnShare
      FROM (SELECT * FROM ended WHERE ended = 429 AND NOT hot) AS gave_up
      ASOF LEFT JOIN (SELECT instance, at_us FROM tries WHERE first) AS after
        ON after.instance = gave_up.instance AND after.at_us > gave_up.to_us
      GROUP BY who, gave_up.class),
    sizes AS (
      SELECT who, class, count(DISTINCT instance) AS addresses FROM tries JOIN busiest USING (caller_id)
      WHERE inside GROUP BY who, class),
    challenged_by AS (
      SELECT who, count(*) AS challenges FROM challenged_callers JOIN busiest USING (caller_id) GROUP BY who)
    SELECT caller_names.caller, series.* EXCLUDE (who), readsPerSessionP50, stepMsP50, stepMsP90,
      coalesce(parallelShare, 0) AS parallelShare, chained.* EXCLUDE (who, class), goesOnShare, addresses,
      coalesce(challenges, 0) AS challenges
    FROM series
      ${['stepped', 'held', 'chained', 'next_need', 'sizes'].map((name) => `LEFT JOIN ${name} ON ${sameLine(name)}`).join('\n      ')}
      LEFT JOIN challenged_by ON challenged_by.who IS NOT DISTINCT FROM series.who
      LEFT JOIN caller_names ON caller_names.caller_id = series.who
    ORDER BY caller_names.caller NULLS LAST, series.class`,
};

/** Cells begin at another second for each need, so that no stampede is invented at their edges. */
function missesOf(ttlSeconds: number): string {
  const cell = `(second + need % ${ttlSeconds}) // ${ttlSeconds}`;
  return `cells${ttlSeconds} AS (
      SELECT any_value(caller_id) AS caller_id, any_value(class) AS class, need, min(second) AS second,
        ${cell} = min(${cell}) OVER (PARTITION BY need) AS earliest
      FROM reads GROUP BY need, ${cell}),
    misses${ttlSeconds} AS (
      SELECT who, class, second, count(*) AS misses
      FROM cells${ttlSeconds} JOIN sighted USING (need) JOIN busiest USING (caller_id)
      WHERE NOT (warm AND earliest) GROUP BY who, class, second)`;
}

function listOf(column: string, name: string): string {
  return `list(coalesce(${column}, 0) ORDER BY seconds.second) AS ${name}`;
}

function sameCell(table: string): string {
  return `${table}.who IS NOT DISTINCT FROM lines.who AND ${table}.class = lines.class AND ${table}.second = seconds.second`;
}

function sameLine(table: string): string {
  return `${table}.who IS NOT DISTINCT FROM series.who AND ${table}.class = series.class`;
}

function bins(condition: string): string {
  return Array.from(
    { length: CHAIN_BINS },
    (_, index) => `count(*) FILTER (${condition.replace('#', `${index + 1}`)})`,
  ).join(', ');
}
