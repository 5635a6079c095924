import type { TableSchema } from './language.ts';

const COMMON: TableSchema['columns'] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: '_ResourceId', type: 'string' },
  { name: 'BytesReceived', type: 'int' },
  { name: 'BytesSent', type: 'int' },
  { name: 'Category', type: 'string' },
  { name: 'ClientIPAddress', type: 'string' },
  { name: 'ClientRequestId', type: 'string' },
  { name: 'CorrelationId', type: 'string' },
  { name: 'DurationMs', type: 'int' },
  { name: 'HitCount', type: 'int' },
  { name: 'Method', type: 'string' },
  { name: 'RequestId', type: 'string' },
  { name: 'RequestURI', type: 'string' },
  { name: 'StatusCode', type: 'int' },
  { name: 'UserAgent', type: 'string' },
  { name: 'Type', type: 'string' },
];

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/aachttprequest */
export const AAC_HTTP_REQUEST: TableSchema = {
  name: 'AACHttpRequest',
  columns: [
    ...COMMON,
    { name: 'AccessKeyId', type: 'string' },
    { name: 'ClientObjectId', type: 'string' },
    { name: 'ClientTenantId', type: 'string' },
  ],
};

/** Of a workspace that does not know yet who asked. */
export const OLDER_AAC_HTTP_REQUEST: TableSchema = { name: 'AACHttpRequest', columns: COMMON };
