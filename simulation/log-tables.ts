export type LogRow = Record<string, unknown>;

type AuditRecord = {
  time: string;
  resourceId: string;
  operationName?: string;
  operationVersion?: string;
  category?: string;
  resultType?: string;
  resultSignature?: string;
  resultDescription?: string;
  durationMs?: string | number;
  callerIpAddress?: string;
  correlationId?: string;
  identity?: Record<string, unknown>;
  properties?: Record<string, unknown>;
};

const GUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i;

/**
 * An exported audit record as the row of `AzureDiagnostics`: what is particular to the service in columns named after their
 * path, with a suffix for the type that the value has (`_s`, `_d`, `_g`, `_b`).
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics
 */
export function diagnosticsRow(line: string): LogRow {
  const record: AuditRecord = JSON.parse(line);
  const [, , subscriptionId = '', , resourceGroup = '', , , , name = ''] = record.resourceId.split('/');
  return {
    ...common(record),
    Category: record.category ?? 'AuditEvent',
    CallerIPAddress: record.callerIpAddress ?? '',
    DurationMs: wholeNumber(record.durationMs),
    ResourceId: record.resourceId.toUpperCase(),
    SubscriptionId: subscriptionId.toLowerCase(),
    ResourceGroup: resourceGroup.toUpperCase(),
    ResourceProvider: 'MICROSOFT.KEYVAULT',
    ResourceType: 'VAULTS',
    Resource: name.toUpperCase(),
    Type: 'AzureDiagnostics',
    ...suffixed('identity', record.identity ?? {}),
    ...Object.assign({}, ...Object.entries(record.properties ?? {}).map(([key, value]) => suffixed(key, value))),
  };
}

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azkvauditlogs */
export function auditLogsRow(line: string): LogRow {
  const record: AuditRecord = JSON.parse(line);
  const { clientInfo, requestUri, id, httpStatusCode, keyProperties } = record.properties ?? {};
  return {
    ...common(record),
    CallerIpAddress: record.callerIpAddress ?? '',
    DurationMs: wholeNumber(record.durationMs),
    HttpStatusCode: wholeNumber(httpStatusCode),
    Identity: record.identity ?? null,
    ClientInfo: clientInfo ?? '',
    RequestUri: requestUri ?? '',
    Id: id ?? '',
    KeyProperties: keyProperties ?? null,
    Type: 'AZKVAuditLogs',
  };
}

function common(record: AuditRecord): LogRow {
  return {
    TimeGenerated: record.time,
    OperationName: record.operationName ?? '',
    OperationVersion: record.operationVersion ?? '',
    ResultType: record.resultType ?? '',
    ResultSignature: record.resultSignature ?? '',
    ResultDescription: record.resultDescription ?? '',
    CorrelationId: record.correlationId ?? '',
    _ResourceId: record.resourceId.toLowerCase(),
  };
}

function wholeNumber(value: unknown): number | null {
  const text = String(value ?? '').trim();
  return /^-?\d+$/.test(text) ? Number(text) : null;
}

/** Columns of a value and of what lies below it; nothing gives none. */
function suffixed(name: string, value: unknown): LogRow {
  switch (typeof value) {
    case 'number':
      return { [`${name}_d`]: value };
    case 'boolean':
      return { [`${name}_b`]: value };
    case 'string':
      return GUID.test(value) ? { [`${name}_g`]: value.toLowerCase() } : { [`${name}_s`]: value };
    case 'object': {
      if (value === null) return {};
      const below = Object.entries(value).map(([key, each]) => suffixed(`${name}_${key.replace(/\W+/g, '_')}`, each));
      return Object.assign({}, ...below);
    }
    default:
      return {};
  }
}
