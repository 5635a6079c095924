import { CACHEABLE_OPERATIONS, LIMITED_CLASSES, OPERATION_CLASSES, OTHER_CLASS } from '../operation-classes.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const USER_NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';

/** More than any record has; what is read at once is twice as much for each thread. */
const LINE_BYTES_MAX = 4_194_304;

/**
 * The lines of the exported files, whose names the adapter gives in the variable `headroom_files`. A line that is no
 * object comes as a row of nulls. Only what is read is declared, nearly all of it as text, so that a field of another type, a
 * missing or an additional one breaks nothing. Folders such as `y=2026/m=01/…/m=00` must not become columns.
 */
const LINES = `read_json(getvariable('headroom_files'), format = 'newline_delimited', ignore_errors = true,
  hive_partitioning = false, maximum_object_size = ${LINE_BYTES_MAX},
  columns = {
    time: 'TIMESTAMPTZ', resourceId: 'VARCHAR', category: 'VARCHAR', operationName: 'VARCHAR', durationMs: 'VARCHAR',
    callerIpAddress: 'VARCHAR', correlationId: 'VARCHAR', eventSource: 'VARCHAR', TimeGenerated: 'VARCHAR',
    identity: 'STRUCT(claim STRUCT(appid VARCHAR, oid VARCHAR, "${OBJECT_ID}" VARCHAR, upn VARCHAR, "${USER_NAME}" VARCHAR))',
    properties: 'STRUCT(clientInfo VARCHAR, requestUri VARCHAR, id VARCHAR, httpStatusCode VARCHAR, keyProperties VARCHAR)' })`;

/**
 * What few records differ in: who asks which vault for what kind of thing. An `origin` stands for all of it, so that a text
 * is kept and looked at once, not in each of millions of rows.
 */
const ORIGIN: Readonly<Record<string, string>> = {
  resource_id: 'resourceId',
  category: 'category',
  event_source: 'eventSource',
  queried: 'TimeGenerated IS NOT NULL',
  app_id: `nullif(identity.claim.appid, '')`,
  object_id: `nullif(coalesce(identity.claim.oid, identity.claim."${OBJECT_ID}"), '')`,
  user_name: `nullif(coalesce(identity.claim.upn, identity.claim."${USER_NAME}"), '')`,
  client_info: 'properties.clientInfo',
  operation_name: 'operationName',
  key_properties: 'properties.keyProperties',
};
const ORIGIN_NAMES = Object.keys(ORIGIN).join(', ');
const ORIGIN_VALUES = Object.entries(ORIGIN)
  .map(([name, value]) => `${value} AS ${name}`)
  .join(', ');
/** `https://vault.host:443/secrets/name/version?query`, by the id where there is one. */
const PATH = `coalesce(nullif(properties.id, ''), properties.requestUri, '')`;

const AT = 'epoch_us(time)';

/** Two lines are one request when the vault gave them one correlation id at one moment (field-notes 6). */
const EVENT = `CASE WHEN correlationId IS NULL
    THEN hash(time, operationName, callerIpAddress, properties.requestUri, properties.httpStatusCode, durationMs)
    ELSE hash(${AT}, correlationId) END`;

const IN_TIME = `(at_us >= $earliest_us::BIGINT AND at_us < $to_us::BIGINT
      OR at_us >= $day_from_us::BIGINT AND at_us < $day_to_us::BIGINT
      OR at_us >= $week_from_us::BIGINT AND at_us < $week_to_us::BIGINT)`;
const RESOURCE = `rtrim(lower(resource_id), '/')`;
/** `$vaults` holds names or whole ids between bars; nothing stands for all. */
const AMONG_VAULTS = `(resource_id IS NULL OR $vaults = '' OR contains($vaults, '|' || ${RESOURCE} || '|')
      OR contains($vaults, '|' || split_part(${RESOURCE}, '/', -1) || '|'))`;

/** Lines whose texts are kept before the pass over all: the pass then finds nearly all that it meets, and keeps the rest. */
const FIRST_LINES = 4_000;

/**
 * The one pass over the files. `taken` gets a row for each line of the time asked for, that is no record, or that is of
 * another service; the texts of origins and paths that the first lines did not hold stand beside. Whether they did is asked
 * by `IN`: a join would be built on the lines, of which the database expects few.
 */
const PASS = `CREATE TABLE taken AS SELECT
    at_us, address, line.origin, line.path, status, duration_ms, event,
    CASE WHEN line.origin NOT IN (SELECT origin FROM known_origin) THEN to_json({ ${Object.keys(ORIGIN)
      .map((name) => `'${name}': line.${name}`)
      .join(', ')} })::VARCHAR END AS origin_text,
    CASE WHEN line.path NOT IN (SELECT path FROM known_path) THEN line.path_text END AS path_text
  FROM (
    SELECT *, hash(${ORIGIN_NAMES}) AS origin, hash(path_text) AS path
    FROM (
      SELECT ${AT} AS at_us, ${ORIGIN_VALUES}, ${PATH} AS path_text, coalesce(callerIpAddress, '') AS address,
        try_cast(properties.httpStatusCode AS SMALLINT) AS status,
        greatest(0, coalesce(try_cast(durationMs AS INTEGER), 0)) AS duration_ms, ${EVENT} AS event
      FROM ${LINES})) AS line
  WHERE ${IN_TIME} OR at_us IS NULL OR resource_id IS NULL OR category <> 'AuditEvent'`;

/** A person by themselves, whatever tool they use; everything else by its application, which all its instances share. */
const CALLER = `lower(CASE WHEN user_name IS NULL THEN coalesce(app_id, object_id) ELSE coalesce(object_id, user_name) END)`;

/** Operation class of a key whose type and size stand in the record, `key-rsa-4096-hsm`; null where they do not. */
const KEY_TYPE = `upper(regexp_extract(key_properties, '"type"\\s*:\\s*"([^"]*)', 1))`;
const KEY_SIZE = `regexp_extract(key_properties, '"size"\\s*:\\s*"?(\\d+)', 1)`;
const KEY_CLASS = `CASE WHEN key_properties IS NULL THEN NULL
      WHEN ${KEY_TYPE} IN ('RSA', 'RSA-HSM') AND ${KEY_SIZE} IN ('2048', '3072', '4096') THEN 'key-rsa-' || ${KEY_SIZE}
      WHEN ${KEY_TYPE} IN ('EC', 'EC-HSM') THEN 'key-ec' END
    || CASE WHEN ends_with(${KEY_TYPE}, '-HSM') THEN '-hsm' ELSE '' END`;

function operationClass(): string {
  const rules = OPERATION_CLASSES.map(({ names, prefix, class: name }) => {
    const test = names
      ? `operation_name IN (${names.map((operation) => `'${operation}'`).join(', ')})`
      : `starts_with(operation_name, '${prefix ?? ''}')`;
    return `WHEN ${test} THEN '${name}'`;
  });
  return `CASE ${rules.join(' ')} ELSE '${OTHER_CLASS}' END`;
}

const LIMITED = LIMITED_CLASSES.map((name) => `'${name}'`).join(', ');
const CACHEABLE = CACHEABLE_OPERATIONS.map((name) => `'${name}'`).join(', ');

/** Categories of the activity log, which is exported to the same place in nearly the same shape. */
const ACTIVITY_LOG = [
  'administrative',
  'alert',
  'autoscale',
  'policy',
  'recommendation',
  'resourcehealth',
  'security',
  'servicehealth',
]
  .map((category) => `'${category}'`)
  .join(', ');

const OF_VAULT = `${RESOURCE} LIKE '%/providers/microsoft.keyvault/vaults/%'`;
/** What a record of another service, or of another category of the vault, is; null for a vault's audit record. */
const FOREIGN = `CASE
    WHEN event_source IS NOT NULL THEN 'AWS CloudTrail, ' || event_source
    WHEN resource_id IS NULL THEN CASE WHEN queried THEN 'results of a Log Analytics query' END
    WHEN lower(category) IN (${ACTIVITY_LOG}) THEN 'Azure activity log, ' || category
    WHEN ${OF_VAULT} AND lower(coalesce(category, 'AuditEvent')) = 'auditevent' THEN NULL
    ELSE nullif(concat_ws(', ', nullif(regexp_extract(${RESOURCE}, '/providers/([^/]+/[^/]+)', 1), ''), category), '') END`;

/** `origins`: each origin once, in the words of the canonical relation; `resource` is null unless a vault's audit record. */
const ORIGINS = `CREATE TABLE origins AS SELECT origin, foreign_name,
    CASE WHEN of_vault AND foreign_name IS NULL THEN resource END AS resource, caller, application, object, person, client,
    operation, class, key_class, among
  FROM (
    SELECT origin, ${FOREIGN} AS foreign_name, ${OF_VAULT} AS of_vault, ${RESOURCE} AS resource, ${CALLER} AS caller,
      lower(app_id) AS application, lower(object_id) AS object, user_name AS person, coalesce(client_info, '') AS client,
      coalesce(operation_name, '') AS operation, ${operationClass()} AS class, ${KEY_CLASS} AS key_class,
      ${AMONG_VAULTS} AS among
    FROM known_origin)`;

const ADDRESSED = `split_part(lower(path_text), '?', 1)`;
const TARGETS = `CREATE TABLE paths AS SELECT path,
    trim(split_part(${ADDRESSED}, '/', 4) || '/' || split_part(${ADDRESSED}, '/', 5), '/') AS target
  FROM known_path`;

/**
 * Takes in Key Vault's exported AuditEvent records: `taken`, one row a request of any vault, `origins` and `paths`, the
 * texts that its rows stand for, and `intake(unreadable, duplicates)`, what was dropped. Status comes only from
 * `httpStatusCode` (field-notes 3); `caller` is null where the record has no identity. The view
 * `log(at_us, resource, status)` is for looking over all vaults.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/logging
 */
export const AUDIT_EVENT_INTAKE: readonly string[] = [
  `CREATE TABLE first_lines AS SELECT ${ORIGIN_VALUES}, ${PATH} AS path_text FROM ${LINES} LIMIT ${FIRST_LINES}`,
  `CREATE TABLE known_origin AS SELECT hash(${ORIGIN_NAMES}) AS origin, * FROM (SELECT DISTINCT ${ORIGIN_NAMES} FROM first_lines)`,
  'CREATE TABLE known_path AS SELECT hash(path_text) AS path, path_text FROM (SELECT DISTINCT path_text FROM first_lines)',
  'DROP TABLE first_lines',
  PASS,
  `INSERT INTO known_origin
    SELECT origin, ${Object.keys(ORIGIN)
      .map((name) => (name === 'queried' ? `(text->>'${name}')::BOOLEAN` : `text->>'${name}'`))
      .join(', ')}
    FROM (SELECT origin, any_value(origin_text) AS text FROM taken WHERE origin_text IS NOT NULL GROUP BY origin)`,
  `INSERT INTO known_path
    SELECT path, any_value(path_text) FROM taken WHERE path_text IS NOT NULL GROUP BY path`,
  ORIGINS,
  TARGETS,
  `CREATE TABLE foreign_records AS SELECT foreign_name AS name, count(*) AS records
    FROM taken JOIN origins USING (origin) WHERE foreign_name IS NOT NULL GROUP BY foreign_name`,
  `CREATE TABLE intake AS SELECT count(*) AS unreadable, 0::BIGINT AS duplicates
    FROM taken JOIN origins USING (origin) WHERE foreign_name IS NULL AND (at_us IS NULL OR resource IS NULL)`,
  `DELETE FROM taken WHERE at_us IS NULL OR origin IN (SELECT origin FROM origins WHERE resource IS NULL OR NOT among)`,
  // Of what is one request, the row that stays is the same however lines and files are ordered.
  `CREATE TABLE repeated AS SELECT rowid AS id FROM taken
    WHERE event IN (SELECT event FROM taken GROUP BY event HAVING count(*) > 1)
    QUALIFY row_number() OVER (PARTITION BY event ORDER BY status, origin, path, address, duration_ms) > 1`,
  'UPDATE intake SET duplicates = (SELECT count(*) FROM repeated)',
  'DELETE FROM taken WHERE rowid IN (SELECT id FROM repeated)',
  'CREATE VIEW log AS SELECT at_us, resource, status FROM taken JOIN origins USING (origin) WHERE resource IS NOT NULL',
];

/**
 * The canonical relation of one vault,
 * `requests(at_us, second, caller, application, object, person, address, client, operation, class, key_class, limited,
 * cacheable, target, status, duration_ms, event, inferred)`, times in microseconds and seconds since the epoch. Whether its class
 * is limited and its answer may be kept is looked up once an origin. Texts that repeat are of types
 * that hold each once, in order, and compare, group and sort as numbers; none of these types
 * is empty, which they may not be.
 */
export const REQUESTS: readonly string[] = [
  `CREATE OR REPLACE TABLE asked AS
    SELECT origin, path FROM taken JOIN origins USING (origin) WHERE resource = $resource AND ${IN_TIME} GROUP BY origin, path`,
  ...Object.entries({
    identity: ['caller', 'application', 'object', 'person'],
    client: ['client'],
    operation: ['operation'],
    class: ['class', 'key_class'],
  }).map(
    ([type, columns]) => `CREATE OR REPLACE TYPE ${type}_text AS ENUM (
      SELECT '' AS text UNION
      SELECT text FROM (
        SELECT unnest([${columns.join(', ')}]) AS text FROM origins WHERE origin IN (SELECT origin FROM asked))
      WHERE text IS NOT NULL ORDER BY text)`,
  ),
  `CREATE OR REPLACE TYPE target_text AS ENUM (
    SELECT '' AS target UNION SELECT target FROM paths WHERE path IN (SELECT path FROM asked) ORDER BY target)`,
  `CREATE OR REPLACE TABLE requests AS
    WITH
      spoken AS MATERIALIZED (
        SELECT origin, caller::identity_text AS caller, application::identity_text AS application,
          object::identity_text AS object, person::identity_text AS person, client::client_text AS client,
          operation::operation_text AS operation, class::class_text AS class, key_class::class_text AS key_class,
          class IN (${LIMITED}) AS limited, operation IN (${CACHEABLE}) AS cacheable
        FROM origins WHERE origin IN (SELECT origin FROM asked)),
      named AS MATERIALIZED (
        SELECT path, target::target_text AS target FROM paths WHERE path IN (SELECT path FROM asked))
    SELECT at_us, (at_us // 1000000)::INTEGER AS second, caller, application, object, person, address, client, operation,
      class, key_class, limited, cacheable, target, status, duration_ms, event, false AS inferred
    FROM taken JOIN spoken USING (origin) JOIN named USING (path) WHERE ${IN_TIME}`,
];

const SURVEYED =
  'id, count(*) AS requests, count(*) FILTER (status = 429) AS throttled, min(at_us) AS fromUs, max(at_us) AS toUs';

/** Of what was taken in; the hours of the baselines are not asked for, only held. */
export const AUDIT_EVENT_SURVEY = {
  resources: `SELECT ${SURVEYED} FROM (
      SELECT resource AS id, status, at_us FROM log WHERE at_us >= $from_us::BIGINT AND at_us < $to_us::BIGINT)
    GROUP BY id ORDER BY throttled DESC, requests DESC, id`,
  others: `SELECT ${SURVEYED} FROM (
      SELECT ${RESOURCE} AS id, status, at_us FROM (
        SELECT ${ORIGIN_VALUES}, ${AT} AS at_us, try_cast(properties.httpStatusCode AS SMALLINT) AS status FROM ${LINES})
      WHERE at_us IS NOT NULL AND ${OF_VAULT} AND ${FOREIGN} IS NULL)
    GROUP BY id ORDER BY throttled DESC, requests DESC, id`,
  foreign: 'SELECT name, records FROM foreign_records ORDER BY records DESC, name',
  unreadable: 'SELECT unreadable FROM intake',
} as const;
