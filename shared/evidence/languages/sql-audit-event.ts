import { OPERATION_CLASSES, OTHER_CLASS } from '../operation-classes.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const USER_NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';

/**
 * The lines of the exported files, whose names the adapter gives in the variable `headroom_files`. A line that is no
 * object comes as a row of nulls. Only what is read is declared, all of it as text, so that a field of another type, a
 * missing or an additional one breaks nothing. Folders such as `y=2026/m=01/…/m=00` must not become columns.
 */
const LINES = `read_json(getvariable('headroom_files'), format = 'newline_delimited', ignore_errors = true,
  hive_partitioning = false, columns = {
    time: 'VARCHAR', resourceId: 'VARCHAR', category: 'VARCHAR', operationName: 'VARCHAR', durationMs: 'VARCHAR',
    callerIpAddress: 'VARCHAR', correlationId: 'VARCHAR', eventSource: 'VARCHAR', TimeGenerated: 'VARCHAR',
    identity: 'STRUCT(claim STRUCT(appid VARCHAR, oid VARCHAR, "${OBJECT_ID}" VARCHAR, upn VARCHAR, "${USER_NAME}" VARCHAR))',
    properties: 'STRUCT(clientInfo VARCHAR, requestUri VARCHAR, id VARCHAR, httpStatusCode VARCHAR, keyProperties VARCHAR)' })`;

const AT = 'epoch_us(try_cast(time AS TIMESTAMPTZ))';
const RESOURCE = `rtrim(lower(resourceId), '/')`;
const PERSON = `nullif(coalesce(identity.claim.upn, identity.claim."${USER_NAME}"), '')`;
const OBJECT = `nullif(coalesce(identity.claim.oid, identity.claim."${OBJECT_ID}"), '')`;
const APPLICATION = `nullif(identity.claim.appid, '')`;
/** `https://vault.host:443/secrets/name/version?query`, by the id where there is one. */
const ADDRESSED = `split_part(lower(coalesce(nullif(properties.id, ''), properties.requestUri, '')), '?', 1)`;

/** A person by themselves, whatever tool they use; everything else by its application, which all its instances share. */
const CALLER = `lower(CASE WHEN ${PERSON} IS NULL THEN coalesce(${APPLICATION}, ${OBJECT})
    ELSE coalesce(${OBJECT}, ${PERSON}) END)`;

/** Operation class of a key whose type and size stand in the record, `key-rsa-4096-hsm`; null where they do not. */
const KEY_TYPE = `upper(regexp_extract(properties.keyProperties, '"type"\\s*:\\s*"([^"]*)', 1))`;
const KEY_SIZE = `regexp_extract(properties.keyProperties, '"size"\\s*:\\s*"?(\\d+)', 1)`;
const KEY_CLASS = `CASE WHEN properties.keyProperties IS NULL THEN NULL
      WHEN ${KEY_TYPE} IN ('RSA', 'RSA-HSM') AND ${KEY_SIZE} IN ('2048', '3072', '4096') THEN 'key-rsa-' || ${KEY_SIZE}
      WHEN ${KEY_TYPE} IN ('EC', 'EC-HSM') THEN 'key-ec' END
    || CASE WHEN ends_with(${KEY_TYPE}, '-HSM') THEN '-hsm' ELSE '' END`;

function operationClass(): string {
  const rules = OPERATION_CLASSES.map(({ names, prefix, class: name }) => {
    const test = names
      ? `operationName IN (${names.map((operation) => `'${operation}'`).join(', ')})`
      : `starts_with(operationName, '${prefix ?? ''}')`;
    return `WHEN ${test} THEN '${name}'`;
  });
  return `CASE ${rules.join(' ')} ELSE '${OTHER_CLASS}' END`;
}

/** Two lines are one request when the vault gave them one correlation id at one moment (field-notes 6). */
const EVENT = `CASE WHEN correlationId IS NULL
    THEN hash(time, operationName, callerIpAddress, properties.requestUri, properties.httpStatusCode, durationMs)
    ELSE hash(${AT}, correlationId) END`;

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
    WHEN eventSource IS NOT NULL THEN 'AWS CloudTrail, ' || eventSource
    WHEN resourceId IS NULL THEN CASE WHEN TimeGenerated IS NOT NULL THEN 'results of a Log Analytics query' END
    WHEN lower(category) IN (${ACTIVITY_LOG}) THEN 'Azure activity log, ' || category
    WHEN ${OF_VAULT} AND lower(coalesce(category, 'AuditEvent')) = 'auditevent' THEN NULL
    ELSE nullif(concat_ws(', ', nullif(regexp_extract(${RESOURCE}, '/providers/([^/]+/[^/]+)', 1), ''), category), '') END`;

const VAULT_NAME = `split_part(resource, '/', -1)`;
const IN_TIME = `(at_us >= $earliest_us::BIGINT AND at_us < $to_us::BIGINT
      OR at_us >= $day_from_us::BIGINT AND at_us < $day_to_us::BIGINT
      OR at_us >= $week_from_us::BIGINT AND at_us < $week_to_us::BIGINT)`;
/** `$vaults` holds names or whole ids between bars; nothing stands for all. */
const AMONG_VAULTS = `($vaults = '' OR contains($vaults, '|' || resource || '|') OR contains($vaults, '|' || ${VAULT_NAME} || '|'))`;
const ASKED = `(foreign_name IS NULL AND ${IN_TIME} AND ${AMONG_VAULTS})`;
const READABLE = '(foreign_name IS NOT NULL OR (at_us IS NOT NULL AND coalesce(of_vault, false)))';

/** Every field of the canonical relation but `second`, for each line that is asked for or cannot be. */
const RECORDS = `SELECT
    ${AT} AS at_us,
    ${RESOURCE} AS resource,
    ${OF_VAULT} AS of_vault,
    ${FOREIGN} AS foreign_name,
    ${CALLER} AS caller,
    lower(${APPLICATION}) AS application,
    lower(${OBJECT}) AS object,
    ${PERSON} AS person,
    coalesce(callerIpAddress, '') AS address,
    coalesce(properties.clientInfo, '') AS client,
    coalesce(operationName, '') AS operation,
    ${operationClass()} AS class,
    ${KEY_CLASS} AS key_class,
    trim(split_part(${ADDRESSED}, '/', 4) || '/' || split_part(${ADDRESSED}, '/', 5), '/') AS target,
    try_cast(properties.httpStatusCode AS SMALLINT) AS status,
    greatest(0, coalesce(try_cast(durationMs AS INTEGER), 0)) AS duration_ms,
    ${EVENT} AS event
  FROM ${LINES}`;

/**
 * Takes in Key Vault's exported AuditEvent records: `log`, one row a request of any vault, and
 * `intake(unreadable, duplicates)`, what was dropped. Status comes only from `httpStatusCode` (field-notes 3); `caller` is
 * null where the record has no identity.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/logging
 */
export const AUDIT_EVENT_INTAKE: readonly string[] = [
  `CREATE TABLE log AS SELECT * EXCLUDE (of_vault), ${READABLE} AS readable FROM (${RECORDS})
    WHERE NOT ${READABLE} OR foreign_name IS NOT NULL OR ${ASKED}`,
  `CREATE TABLE foreign_records AS SELECT foreign_name AS name, count(*) AS records FROM log
    WHERE foreign_name IS NOT NULL GROUP BY foreign_name`,
  `CREATE TABLE intake AS SELECT
    count(*) FILTER (NOT readable) AS unreadable,
    count(*) FILTER (readable AND foreign_name IS NULL)
      - count(DISTINCT event) FILTER (readable AND foreign_name IS NULL) AS duplicates
  FROM log`,
  'DELETE FROM log WHERE NOT readable OR foreign_name IS NOT NULL',
  `DELETE FROM log WHERE rowid IN (
    SELECT id FROM (
      SELECT rowid AS id, row_number() OVER (PARTITION BY event ORDER BY rowid) AS copy FROM log
      WHERE event IN (SELECT event FROM log GROUP BY event HAVING count(*) > 1))
    WHERE copy > 1)`,
];

/**
 * The canonical relation of one vault,
 * `requests(at_us, second, caller, application, object, person, address, client, operation, class, key_class, target,
 * status, duration_ms, event, inferred)`, times in microseconds and seconds since the epoch.
 */
export const REQUESTS = `CREATE OR REPLACE TABLE requests AS SELECT
    at_us, (at_us // 1000000)::INTEGER AS second, caller, application, object, person, address, client, operation, class,
    key_class, target, status, duration_ms, event, false AS inferred
  FROM log WHERE resource = $resource AND ${IN_TIME}`;

const SURVEYED =
  'id, count(*) AS requests, count(*) FILTER (status = 429) AS throttled, min(at_us) AS fromUs, max(at_us) AS toUs';

/** Of what was taken in; the hours of the baselines are not asked for, only held. */
export const AUDIT_EVENT_SURVEY = {
  resources: `SELECT ${SURVEYED} FROM (
      SELECT resource AS id, status, at_us FROM log WHERE at_us >= $from_us::BIGINT AND at_us < $to_us::BIGINT)
    GROUP BY id ORDER BY throttled DESC, requests DESC, id`,
  others: `SELECT ${SURVEYED} FROM (
      SELECT resource AS id, status, at_us FROM (${RECORDS}) WHERE foreign_name IS NULL AND at_us IS NOT NULL AND of_vault)
    GROUP BY id ORDER BY throttled DESC, requests DESC, id`,
  foreign: 'SELECT name, records FROM foreign_records ORDER BY records DESC, name',
  unreadable: 'SELECT unreadable FROM intake',
} as const;
