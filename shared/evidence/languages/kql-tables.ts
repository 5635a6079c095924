import { OPERATION_CLASSES, OTHER_CLASS } from '../operation-classes.ts';
import { idOf, listed } from './kql-text.ts';
import { kustoString } from './kusto-literal.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const USER_NAME = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';

export const EPOCH = 'datetime(1970-01-01)';

/**
 * A field of a record as `AzureDiagnostics` holds it: a column whose name says its type, which does not exist before a
 * workspace first saw the field, and which is a property where the table had all the columns that it may have.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics
 */
function diagnosed(name: string, types: string): string {
  const columns = [...types].map((type) =>
    type === 'd'
      ? `tostring(tolong(column_ifexists('${name}_d', real(null))))`
      : `tostring(column_ifexists('${name}_${type}', ''))`,
  );
  const properties = [name, ...[...types].map((type) => `${name}_${type}`)].map((each) => `tostring(more['${each}'])`);
  return `coalesce(${[...columns, ...properties].join(', ')})`;
}

/** Whose records are read, its id lower-cased, and which of them: a condition over `TimeGenerated`; absent: all. */
type Asked = { resource: string; inTime?: string };

function whereOf({ resource, inTime }: Asked): string {
  return `${inTime === undefined ? '' : `${inTime} and `}_ResourceId =~ ${kustoString(resource)}`;
}

/** The same words from both tables; each is converted, so that a table that is not there changes no type. */
export function bothTables(asked: Asked): string {
  return `union isfuzzy=true
    (${auditLogs(asked)}),
    (${diagnostics(asked)})`;
}

/** The records of vaults in their own table, which may be on the Basic plan. */
export function auditLogs(asked: Asked): string {
  return `AZKVAuditLogs
    | where ${whereOf(asked)}
    | extend claim = parse_json(tostring(Identity)).claim, key = parse_json(tostring(KeyProperties))
    | project of_table = 1, at = todatetime(TimeGenerated), correlation = tostring(CorrelationId),
        operation = tostring(OperationName), address = tostring(CallerIpAddress), status_text = tostring(HttpStatusCode),
        duration_text = tostring(DurationMs), client = tostring(ClientInfo), path = coalesce(tostring(Id), tostring(RequestUri)),
        application = tostring(claim.appid), object = coalesce(tostring(claim.oid), tostring(claim['${OBJECT_ID}'])),
        person = coalesce(tostring(claim.upn), tostring(claim['${USER_NAME}'])),
        key_type = tostring(key.type), key_size = tostring(key.size)`;
}

function diagnostics(asked: Asked): string {
  return `AzureDiagnostics
    | where ${whereOf(asked)} and Category =~ 'AuditEvent'
    | extend more = parse_json(tostring(column_ifexists('AdditionalFields', dynamic(null))))
    | project of_table = 2, at = todatetime(TimeGenerated), correlation = tostring(CorrelationId),
        operation = tostring(OperationName), address = tostring(CallerIPAddress), status_text = ${diagnosed('httpStatusCode', 'ds')},
        duration_text = tostring(DurationMs), client = ${diagnosed('clientInfo', 's')},
        path = coalesce(${diagnosed('id', 's')}, ${diagnosed('requestUri', 's')}),
        application = ${diagnosed('identity_claim_appid', 'gs')},
        object = coalesce(${diagnosed('identity_claim_oid', 'gs')},
          ${diagnosed(`identity_claim_${columnOf(OBJECT_ID)}`, 'gs')}),
        person = coalesce(${diagnosed('identity_claim_upn', 's')},
          ${diagnosed(`identity_claim_${columnOf(USER_NAME)}`, 's')}),
        key_type = ${diagnosed('keyProperties_type', 's')}, key_size = ${diagnosed('keyProperties_size', 'ds')}`;
}

/** What no column may be named after becomes an underscore. */
function columnOf(claim: string): string {
  return claim.replace(/[^a-z0-9]+/gi, '_');
}

export function operationClass(): string {
  const rules = OPERATION_CLASSES.map(({ names, prefix, class: name }) => {
    const test = names ? `operation in (${listed(names)})` : `operation startswith_cs '${prefix ?? ''}'`;
    return `${test}, '${name}'`;
  });
  return `case(${rules.join(', ')}, '${OTHER_CLASS}')`;
}

/** Operation class of a key whose type and size stand in the record; empty where they do not. */
export const KEY_CLASS = `strcat(
      case(key_type in ('RSA', 'RSA-HSM') and key_size in ('2048', '3072', '4096'), strcat('key-rsa-', key_size),
        key_type in ('EC', 'EC-HSM'), 'key-ec', ''),
      iff(key_type in ('EC-HSM') or key_type in ('RSA-HSM') and key_size in ('2048', '3072', '4096'), '-hsm', ''))`;

export const ADDRESSED = `split(tostring(split(tolower(path), '?')[0]), '/')`;

/** Two lines are one request when the vault gave them one correlation id at one moment (field-notes 6). */
export const EVENT = `iff(isempty(correlation),
      ${idOf('tostring(at)', 'operation', 'address', 'path', 'status_text', 'duration_text')},
      ${idOf('tostring(at_us)', 'correlation')})`;
