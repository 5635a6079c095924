import type { TableSchema } from './language.ts';

const COMMON: TableSchema['columns'] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'CreatedDateTime', type: 'datetime' },
  { name: 'OperationName', type: 'string' },
  { name: 'ResourceDisplayName', type: 'string' },
  { name: 'ResourceIdentity', type: 'string' },
  { name: 'ResultSignature', type: 'string' },
  { name: 'ResultDescription', type: 'string' },
  { name: 'CorrelationId', type: 'string' },
  { name: 'UniqueTokenIdentifier', type: 'string' },
  { name: 'IPAddress', type: 'string' },
  { name: 'Type', type: 'string' },
];

/** What a sign-in says of who and how. */
const IDENTITY: TableSchema['columns'] = [
  { name: 'AppId', type: 'string' },
  { name: 'ServicePrincipalId', type: 'string' },
  { name: 'ServicePrincipalName', type: 'string' },
  { name: 'ResultType', type: 'string' },
];

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/aadmanagedidentitysigninlogs */
export const MANAGED_IDENTITY_SIGN_INS: TableSchema = {
  name: 'AADManagedIdentitySignInLogs',
  columns: [...COMMON, ...IDENTITY],
};

/** @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/aadserviceprincipalsigninlogs */
export const SERVICE_PRINCIPAL_SIGN_INS: TableSchema = {
  name: 'AADServicePrincipalSignInLogs',
  columns: [...COMMON, ...IDENTITY, { name: 'ServicePrincipalCredentialKeyId', type: 'string' }],
};

/** Of a workspace that never saw the fields. */
export const BARE_SERVICE_PRINCIPAL_SIGN_INS: TableSchema = { name: 'AADServicePrincipalSignInLogs', columns: COMMON };
