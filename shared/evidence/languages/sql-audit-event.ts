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
    callerIpAddress: 'VARCHAR', correlationId: 'VARCHAR',
    identity: 'STRUCT(claim STRUCT(appid VARCHAR, oid VARCHAR, "${OBJECT_ID}" VARCHAR, upn VARCHAR, "${USER_NAME}" VARCHAR))',
    properties: 'STRUCT(clientInfo VARCHAR, requestUri VARCHAR, id VARCHAR, httpStatusCode VARCHAR)' })`;

const AT = 'epoch_us(try_cast(time AS TIMESTAMPTZ))';
const RESOURCE = `rtrim(lower(resourceId), '/')`;
const READABLE = `(${AT} IS NOT NULL AND resourceId IS NOT NULL)`;
const PERSON = `nullif(coalesce(identity.claim.upn, identity.claim."${USER_NAME}"), '')`;
const OBJECT = `nullif(coalesce(identity.claim.oid, identity.claim."${OBJECT_ID}"), '')`;
const APPLICATION = `nullif(identity.claim.appid, '')`;
/** `https://vault.host:443/secrets/name/version?query`, by the id where there is one. */
const ADDRESSED = `split_part(lower(coalesce(nullif(properties.id, ''), properties.requestUri, '')), '?', 1)`;

/** A person by themselves, whatever tool they use; everything else by its application, which all its instances share. */
const CALLER = `lower(CASE WHEN ${PERSON} IS NULL THEN coalesce(${APPLICATION}, ${OBJECT})
    ELSE coalesce(${OBJECT}, ${PERSON}) END)`;

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

const ASKED = `(${RESOURCE} = $resource AND lower(coalesce(category, 'auditevent')) = 'auditevent'
    AND ((${AT} >= $earliest_us::BIGINT AND ${AT} < $to_us::BIGINT)
      OR (${AT} >= $day_from_us::BIGINT AND ${AT} < $day_to_us::BIGINT)
      OR (${AT} >= $week_from_us::BIGINT AND ${AT} < $week_to_us::BIGINT)))`;

/**
 * From Key Vault's exported AuditEvent records to the canonical relation
 * `requests(at_us, second, caller, object, address, client, operation, class, target, status, duration_ms)`, times in
 * microseconds and seconds since the epoch. Status comes only from `httpStatusCode` (field-notes 3); `caller` is null
 * where the record has no identity. Beside it `intake(unreadable, duplicates)`: what was dropped.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/logging
 */
export const AUDIT_EVENT_SETUP: readonly string[] = [
  `CREATE TABLE requests AS SELECT
    ${AT} AS at_us,
    (${AT} // 1000000)::INTEGER AS second,
    ${CALLER} AS caller,
    lower(${APPLICATION}) AS application,
    lower(${OBJECT}) AS object,
    ${PERSON} AS person,
    coalesce(callerIpAddress, '') AS address,
    coalesce(properties.clientInfo, '') AS client,
    coalesce(operationName, '') AS operation,
    ${operationClass()} AS class,
    trim(split_part(${ADDRESSED}, '/', 4) || '/' || split_part(${ADDRESSED}, '/', 5), '/') AS target,
    try_cast(properties.httpStatusCode AS SMALLINT) AS status,
    greatest(0, coalesce(try_cast(durationMs AS INTEGER), 0)) AS duration_ms,
    ${EVENT} AS event,
    false AS inferred,
    ${READABLE} AS readable
  FROM ${LINES}
  WHERE NOT ${READABLE} OR ${ASKED}`,
  `CREATE TABLE intake AS SELECT
    count(*) FILTER (NOT readable) AS unreadable,
    count(*) FILTER (readable) - count(DISTINCT event) FILTER (readable) AS duplicates
  FROM requests`,
  'DELETE FROM requests WHERE NOT readable',
  `DELETE FROM requests WHERE rowid IN (
    SELECT id FROM (
      SELECT rowid AS id, row_number() OVER (PARTITION BY event ORDER BY rowid) AS copy FROM requests
      WHERE event IN (SELECT event FROM requests GROUP BY event HAVING count(*) > 1))
    WHERE copy > 1)`,
];
