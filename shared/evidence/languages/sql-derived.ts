import {
  BASELINE_GAP_US,
  CHAIN_GAP_US,
  CONTESTED_MINUTES,
  EARLIER_US,
  FOLLOWS_WITHIN_US,
  HOT_EVERY_US,
  HOT_SERVED,
  SESSION_IDLE_US,
  STORM_LEAD_S,
  STORM_LONGEST_S,
  STORM_TAIL_S,
} from './derived-bounds.ts';

/** What an anonymous record and the authenticated one after it have in common. */
const ROUTE = 'hash(address, client, target)';
const ROUTES = 'hash(address, client)';

/**
 * Refusals without identity get the caller of the next authenticated request of the same address, client and target, or
 * the only caller that this address and client have; else they stay without (field-notes 4). Statements that touch nothing
 * where every refusal has its identity.
 */
const ATTRIBUTE: readonly string[] = [
  `CREATE OR REPLACE TABLE anonymous AS SELECT rowid AS id, at_us, ${ROUTE} AS route, ${ROUTES} AS routes
  FROM requests WHERE status = 429 AND caller IS NULL`,
  `UPDATE requests SET caller = found.caller, inferred = true
  FROM (
    SELECT anonymous.id, named.caller, named.at_us - anonymous.at_us AS after_us
    FROM anonymous ASOF JOIN (
      SELECT caller, at_us, ${ROUTE} AS route FROM requests
      WHERE caller IS NOT NULL AND ${ROUTE} IN (SELECT route FROM anonymous)) AS named
    ON named.route = anonymous.route AND named.at_us >= anonymous.at_us) AS found
  WHERE requests.rowid = found.id AND found.after_us <= ${FOLLOWS_WITHIN_US}`,
  `UPDATE requests SET caller = only_one.caller, inferred = true
  FROM anonymous JOIN (
    SELECT ${ROUTES} AS routes, min(caller) AS caller FROM requests
    WHERE caller IS NOT NULL AND ${ROUTES} IN (SELECT routes FROM anonymous)
    GROUP BY ${ROUTES} HAVING min(caller) = max(caller)) AS only_one USING (routes)
  WHERE requests.rowid = anonymous.id AND requests.caller IS NULL`,
];

/**
 * `storm`: one row, all null where nothing was refused. Its log begins in the hour before the window or with it: what another
 * day holds does not say what went on in between.
 */
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
    (SELECT min(second) FROM requests
      WHERE at_us >= $from_us::BIGINT - ${EARLIER_US} AND at_us < $to_us::BIGINT) AS log_second
  FROM bounds`;

const WINDOWS = `CREATE OR REPLACE TABLE windows AS
  SELECT 'incident' AS name, $from_us::BIGINT AS from_us, $to_us::BIGINT AS to_us
  UNION ALL SELECT 'day-before', $day_from_us::BIGINT, $day_to_us::BIGINT
  UNION ALL SELECT 'week-before', $week_from_us::BIGINT, $week_to_us::BIGINT
  UNION ALL SELECT 'hour-before',
    coalesce(onset::BIGINT * 1000000, $from_us::BIGINT) - ${EARLIER_US},
    coalesce(onset::BIGINT * 1000000, $from_us::BIGINT) - ${BASELINE_GAP_US} FROM storm`;

export const REFUSALS = 'refusals';

/** Windows that have requests, and whether there are refusals that others are derived from. */
export const HELD = `SELECT name FROM windows
  WHERE EXISTS (SELECT 1 FROM requests WHERE at_us >= from_us AND at_us < to_us)
  UNION ALL SELECT '${REFUSALS}' FROM storm WHERE onset IS NOT NULL`;

/** Ids stand for names in what follows, as one number for several. */
const NAMES = [
  'CREATE OR REPLACE TABLE caller_names AS SELECT DISTINCT hash(caller) AS caller_id, caller FROM requests WHERE caller IS NOT NULL',
  'CREATE OR REPLACE TABLE target_names AS SELECT DISTINCT hash(target) AS target_id, target FROM requests',
];

/**
 * `tries`: the limited requests around the refusals; an `instance` is one caller at one address, a `need` one instance
 * and target, `contested` in the minutes of its refusals and the two after, in which the next try may be a retry: only there
 * the order matters, and is worked out. `first`: not directly preceded by a refusal of the same need (field-notes 5 and 7);
 * behind a shared address this still counts each need once, because a need ends with being served. `nth`, `chain`, `retry`
 * and what came before are null where a need is not contested.
 */
const TRIES = `CREATE OR REPLACE TABLE tries AS
  WITH asked AS NOT MATERIALIZED (
    SELECT hash(caller) AS caller_id, hash(caller, address) AS instance, hash(caller, address, target) AS need,
      hash(target) AS target_id, class, cacheable, status, at_us, second, duration_ms, event,
      second >= from_second AS inside, hash(need, second // 60) AS minute
    FROM requests, storm
    WHERE caller IS NOT NULL AND limited
      AND second >= from_second - ${SESSION_IDLE_US / 1_000_000} AND second < to_second),
  contested AS MATERIALIZED (
    SELECT DISTINCT hash(need, second // 60 + unnest([${CONTESTED_MINUTES.join(', ')}])) FROM asked WHERE status = 429),
  seen AS (
    SELECT *, row_number() OVER needs AS nth,
      lag(status) OVER needs AS previous_status, lag(at_us) OVER needs AS previous_us
    FROM asked WHERE minute IN (FROM contested) WINDOW needs AS (PARTITION BY need ORDER BY at_us, event)),
  told AS (
    SELECT *, NOT coalesce(previous_status = 429 AND at_us - previous_us <= ${CHAIN_GAP_US}, false) AS first FROM seen)
  SELECT * EXCLUDE (minute), true AS contested, nth - chain AS retry
  FROM (
    SELECT *, last_value(CASE WHEN first THEN nth END IGNORE NULLS)
        OVER (PARTITION BY need ORDER BY nth ROWS UNBOUNDED PRECEDING) AS chain
    FROM told)
  UNION ALL BY NAME
  SELECT * EXCLUDE (minute), true AS first, false AS contested FROM asked WHERE minute NOT IN (FROM contested)`;

/** `needs`: each need once for each operation class, counted inside; `hot` where it is served again and again. */
const NEEDS = `CREATE OR REPLACE TABLE needs AS
  WITH counted AS (
    SELECT need, class, any_value(caller_id) AS caller_id, any_value(instance) AS instance,
      any_value(target_id) AS target_id, count(*) AS tries, count(*) FILTER (NOT contested) AS uncontested,
      count(*) FILTER (first) AS first, count(*) FILTER (status = 429) AS refused,
      count(*) FILTER (status = 403) AS forbidden, count(*) FILTER (status = 404) AS not_found,
      count(*) FILTER (status BETWEEN 200 AND 299) AS served,
      min(at_us) FILTER (status BETWEEN 200 AND 299) AS served_from_us,
      max(at_us) FILTER (status BETWEEN 200 AND 299) AS served_to_us
    FROM tries WHERE inside GROUP BY need, class),
  hot_needs AS (
    SELECT need FROM counted GROUP BY need
    HAVING sum(served) >= ${HOT_SERVED} AND max(served_to_us) - min(served_from_us) < sum(served) * ${HOT_EVERY_US})
  SELECT * EXCLUDE (served_from_us, served_to_us), need IN (FROM hot_needs) AS hot FROM counted`;

/**
 * `chains`: a first try with its retries, and the wait before each of the first five of them, of the contested tries; each
 * other try is a chain of one. Of a hot need several chains may be open at once, of which the log cannot tell
 * apart the tries.
 */
const CHAINS = `CREATE OR REPLACE TABLE chains AS
  SELECT need IN (SELECT need FROM needs WHERE hot) AS hot, any_value(caller_id) AS caller_id,
    any_value(instance) AS instance, any_value(class) AS class, min(at_us) AS from_us, max(at_us) AS to_us,
    count(*) AS tries, arg_max(status, nth) AS ended,
    ${[1, 2, 3, 4, 5].map((n) => `max(at_us - previous_us) FILTER (retry = ${n}) AS gap${n}_us`).join(', ')}
  FROM tries WHERE inside AND contested GROUP BY need, chain`;

/**
 * `sessions`: what an instance that begins after a silence, which the log is long enough to show, asks until the next one.
 * A silence is longer than a minute, so that it is told from the first and last request of each minute.
 */
const SESSIONS = `CREATE OR REPLACE TABLE sessions AS
  WITH minutes AS (
    SELECT instance, second // 60 AS minute, min(at_us) AS from_us, max(at_us) AS to_us FROM tries GROUP BY ALL),
  paused AS (
    SELECT instance, minute, from_us, from_us // 1000000 >= from_second AS inside,
      coalesce(from_us - lag(to_us) OVER instances > ${SESSION_IDLE_US},
        from_us // 1000000 >= log_second + ${SESSION_IDLE_US / 1_000_000}) AS starts
    FROM minutes, storm WINDOW instances AS (PARTITION BY instance ORDER BY minute)),
  numbered AS (
    SELECT instance, minute, sum(starts::INTEGER) OVER (PARTITION BY instance ORDER BY minute) AS session,
      starts AND inside AS begins
    FROM paused),
  begun AS (SELECT instance, session FROM numbered WHERE begins),
  asked AS (
    SELECT tries.instance, session, need, any_value(caller_id) AS caller_id, count(*) FILTER (first) AS reads,
      min(at_us) AS at_us, arg_min(class, (at_us, event)) AS class
    FROM tries JOIN (FROM numbered SEMI JOIN begun USING (instance, session)) AS during
      ON during.instance = tries.instance AND during.minute = tries.second // 60
    WHERE inside GROUP BY tries.instance, session, need)
  SELECT any_value(caller_id) AS caller_id, instance, (min(at_us) // 1000000)::INTEGER AS second, arg_min(class, (at_us, need)) AS class,
    sum(reads) AS reads, count(*) AS targets
  FROM asked GROUP BY instance, session`;

/** `challenged`: each 401 with the caller of the next authenticated request of the same address, client and target. */
const CHALLENGED: readonly string[] = [
  `CREATE OR REPLACE TABLE challenges AS SELECT at_us, second, address, ${ROUTE} AS route FROM requests
  WHERE status = 401 AND at_us >= $from_us::BIGINT AND at_us < $to_us::BIGINT`,
  `CREATE OR REPLACE TABLE challenged AS
  SELECT challenges.second, challenges.address,
    CASE WHEN named.at_us - challenges.at_us <= ${FOLLOWS_WITHIN_US} THEN named.caller END AS caller
  FROM challenges ASOF LEFT JOIN (
    SELECT at_us, caller, ${ROUTE} AS route FROM requests
    WHERE caller IS NOT NULL AND ${ROUTE} IN (SELECT route FROM challenges)) AS named
  ON named.route = challenges.route AND named.at_us >= challenges.at_us`,
];

/** What is derived once from `requests` and read by several kinds. */
export const DERIVED_SETUP: readonly string[] = [
  ...ATTRIBUTE,
  STORM,
  WINDOWS,
  ...NAMES,
  TRIES,
  NEEDS,
  CHAINS,
  SESSIONS,
  ...CHALLENGED,
];
