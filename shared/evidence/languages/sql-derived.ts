import { CACHEABLE_OPERATIONS, LIMITED_CLASSES } from '../operation-classes.ts';

/** A refusal and the next try of the same caller, address and target belong together when no more than this lies between. */
const CHAIN_GAP_US = 120_000_000;
/** An instance that was silent for this long and asks again has started, or works in sessions. */
const SESSION_IDLE_US = 120_000_000;
/** A need served this often, and at least once in this time, is asked faster than a retry waits. */
const HOT_SERVED = 5;
const HOT_EVERY_US = 10_000_000;
/** A challenge or an anonymous refusal is joined to what follows within this time (field-notes 4). */
const FOLLOWS_WITHIN_US = 10_000_000;
/** What is replayed begins this long before the first refusal and ends this long after the last, two hours at most. */
const STORM_LEAD_S = 300;
const STORM_TAIL_S = 120;
const STORM_LONGEST_S = 7_200;
/** The hour before the onset ends a little before it, so that the climb itself is no baseline. */
const BASELINE_GAP_US = 300_000_000;
const BASELINE_LENGTH_US = 3_600_000_000;

/** How far before the window a store is read, for the hour before the onset. */
export const EARLIER_US = BASELINE_GAP_US + BASELINE_LENGTH_US;

const LIMITED = LIMITED_CLASSES.map((name) => `'${name}'`).join(', ');
const CACHEABLE = CACHEABLE_OPERATIONS.map((name) => `'${name}'`).join(', ');

/** What an anonymous record and the authenticated one after it have in common. */
const ROUTE = 'hash(address, client, target)';

/**
 * Refusals without identity get the caller of the next authenticated request of the same address, client and target, or
 * the only caller that this address and client have; else they stay without (field-notes 4). Two statements that touch
 * nothing where every refusal has its identity.
 */
const ATTRIBUTE: readonly string[] = [
  `UPDATE requests SET caller = found.caller, inferred = true
  FROM (
    SELECT anonymous.id, named.caller, named.at_us - anonymous.at_us AS after_us
    FROM (SELECT rowid AS id, at_us, ${ROUTE} AS route FROM requests WHERE status = 429 AND caller IS NULL) AS anonymous
    ASOF JOIN (
      SELECT caller, at_us, ${ROUTE} AS route FROM requests WHERE caller IS NOT NULL AND ${ROUTE} IN (
        SELECT ${ROUTE} FROM requests WHERE status = 429 AND caller IS NULL)) AS named
    ON named.route = anonymous.route AND named.at_us >= anonymous.at_us) AS found
  WHERE requests.rowid = found.id AND found.after_us <= ${FOLLOWS_WITHIN_US}`,
  `UPDATE requests SET caller = only_one.caller, inferred = true
  FROM (
    SELECT address, client, min(caller) AS caller FROM requests
    WHERE caller IS NOT NULL AND (address, client) IN (
      SELECT (address, client) FROM requests WHERE status = 429 AND caller IS NULL)
    GROUP BY address, client HAVING min(caller) = max(caller)) AS only_one
  WHERE requests.status = 429 AND requests.caller IS NULL
    AND requests.address = only_one.address AND requests.client = only_one.client`,
];

/** `storm`: one row, all null where nothing was refused. */
const STORM = `CREATE OR REPLACE TABLE storm AS
  WITH refused AS (
    SELECT min(second) AS onset, max(second) AS last FROM requests
    WHERE status = 429 AND at_us >= $from_us::BIGINT AND at_us < $to_us::BIGINT),
  bounds AS (
    SELECT onset, last,
      CASE WHEN onset IS NOT NULL THEN greatest(onset - ${STORM_LEAD_S}, $from_us::BIGINT // 1000000) END AS from_second
    FROM refused)
  SELECT onset, last, from_second,
    CASE WHEN onset IS NOT NULL
      THEN least(last + ${STORM_TAIL_S}, $to_us::BIGINT // 1000000, from_second + ${STORM_LONGEST_S}) END AS to_second,
    (SELECT min(second) FROM requests) AS log_second
  FROM bounds`;

const WINDOWS = `CREATE OR REPLACE TABLE windows AS
  SELECT 'incident' AS name, $from_us::BIGINT AS from_us, $to_us::BIGINT AS to_us
  UNION ALL SELECT 'day-before', $day_from_us::BIGINT, $day_to_us::BIGINT
  UNION ALL SELECT 'week-before', $week_from_us::BIGINT, $week_to_us::BIGINT
  UNION ALL SELECT 'hour-before',
    coalesce(onset::BIGINT * 1000000, $from_us::BIGINT) - ${EARLIER_US},
    coalesce(onset::BIGINT * 1000000, $from_us::BIGINT) - ${BASELINE_GAP_US} FROM storm`;

/** Ids stand for texts in what follows: rows are sorted several times, and texts would not fit the memory allowed. */
const NAMES = [
  'CREATE OR REPLACE TABLE caller_names AS SELECT DISTINCT hash(caller) AS caller_id, caller FROM requests WHERE caller IS NOT NULL',
  'CREATE OR REPLACE TABLE target_names AS SELECT DISTINCT hash(target) AS target_id, target FROM requests',
];

/**
 * `tries`: the limited requests around the refusals; an `instance` is one caller at one address, a `need` one instance
 * and target. `first`: not directly preceded by a refusal of the same need (field-notes 5 and 7); behind a shared address
 * this still counts each need once, because a need ends with being served. `starts`: the first of its instance after a
 * silence that the log is long enough to show.
 */
const TRIES = `CREATE OR REPLACE TABLE tries AS
  WITH asked AS (
    SELECT hash(caller) AS caller_id, hash(caller, address) AS instance, hash(caller, address, target) AS need,
      hash(target) AS target_id, class, operation IN (${CACHEABLE}) AS cacheable, status, at_us, second, duration_ms, event,
      second >= from_second AS inside, log_second
    FROM requests, storm
    WHERE caller IS NOT NULL AND class IN (${LIMITED})
      AND second >= from_second - ${SESSION_IDLE_US / 1_000_000} AND second < to_second),
  seen AS (
    SELECT *, row_number() OVER needs AS nth,
      lag(status) OVER needs AS previous_status, lag(at_us) OVER needs AS previous_us,
      lag(at_us) OVER instances AS instance_us,
      lag(status) OVER instances AS instance_status, lag(duration_ms) OVER instances AS instance_ms
    FROM asked
    WINDOW needs AS (PARTITION BY need ORDER BY at_us, event), instances AS (PARTITION BY instance ORDER BY at_us, event)),
  told AS (
    SELECT * EXCLUDE (log_second),
      NOT coalesce(previous_status = 429 AND at_us - previous_us <= ${CHAIN_GAP_US}, false) AS first,
      coalesce(at_us - instance_us > ${SESSION_IDLE_US}, second >= log_second + ${SESSION_IDLE_US / 1_000_000}) AS starts
    FROM seen)
  SELECT *,
    sum(first::INTEGER) OVER needs AS chain,
    nth - max(CASE WHEN first THEN nth END) OVER needs AS retry,
    sum(starts::INTEGER) OVER (PARTITION BY instance ORDER BY at_us, event) AS session
  FROM told WINDOW needs AS (PARTITION BY need ORDER BY nth)`;

/**
 * `chains`: a first try with its retries, and the wait before each of the first five of them. A need that is served again
 * and again may have several chains open at once, of which the log cannot tell apart the tries: it is `hot`.
 */
const CHAINS = `CREATE OR REPLACE TABLE chains AS
  WITH served AS (
    SELECT need, count(*) >= ${HOT_SERVED} AND max(at_us) - min(at_us) < count(*) * ${HOT_EVERY_US} AS hot
    FROM tries WHERE inside AND status BETWEEN 200 AND 299 GROUP BY need)
  SELECT coalesce(any_value(hot), false) AS hot, any_value(caller_id) AS caller_id, any_value(instance) AS instance, any_value(class) AS class,
    min(at_us) AS from_us, max(at_us) AS to_us, count(*) AS tries, arg_max(status, nth) AS ended,
    ${[1, 2, 3, 4, 5].map((n) => `max(at_us - previous_us) FILTER (retry = ${n}) AS gap${n}_us`).join(', ')}
  FROM tries LEFT JOIN served USING (need) WHERE inside GROUP BY need, chain`;

/** `sessions`: what one instance asks between two silences. */
const SESSIONS = `CREATE OR REPLACE TABLE sessions AS
  SELECT any_value(caller_id) AS caller_id, min(second) AS second, arg_min(class, (at_us, event)) AS class,
    bool_or(starts) AS starts, count(*) FILTER (first) AS reads, count(DISTINCT need) AS targets
  FROM tries WHERE inside GROUP BY instance, session`;

/** `challenged`: each 401 with the caller of the next authenticated request of the same address, client and target. */
const CHALLENGED = `CREATE OR REPLACE TABLE challenged AS
  SELECT challenge.second, challenge.address,
    CASE WHEN named.at_us - challenge.at_us <= ${FOLLOWS_WITHIN_US} THEN named.caller END AS caller
  FROM (
    SELECT at_us, second, address, ${ROUTE} AS route FROM requests
    WHERE status = 401 AND at_us >= $from_us::BIGINT AND at_us < $to_us::BIGINT) AS challenge
  ASOF LEFT JOIN (
    SELECT at_us, caller, ${ROUTE} AS route FROM requests
    WHERE caller IS NOT NULL AND ${ROUTE} IN (SELECT ${ROUTE} FROM requests WHERE status = 401)) AS named
  ON named.route = challenge.route AND named.at_us >= challenge.at_us`;

/** What is derived once from `requests` and read by several kinds. A checkpoint packs the rows to a twentieth. */
export const DERIVED_SETUP: readonly string[] = [
  ...ATTRIBUTE,
  'CHECKPOINT',
  STORM,
  WINDOWS,
  ...NAMES,
  TRIES,
  CHAINS,
  SESSIONS,
  CHALLENGED,
];
