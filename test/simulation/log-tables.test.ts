import { expect, test } from 'vitest';
import { auditLine } from '../../simulation/audit-record.ts';
import { auditLogsRow, diagnosticsRow } from '../../simulation/log-tables.ts';

const VAULT = { name: 'kv-one', subscriptionId: 'S-1', resourceGroup: 'rg' };
const ID = '/subscriptions/s-1/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-one';
const APP = 'AAAAAAAA-1111-4111-8111-000000000001';

const LINE = auditLine(VAULT, {
  timeMs: Date.parse('2026-01-05T10:00:00.250Z'),
  operation: 'KeySign',
  path: '/keys/one',
  address: '10.0.0.1',
  clientInfo: 'a client',
  identity: { appId: APP, objectId: 'no-guid', userName: 'someone@contoso.com' },
  status: 429,
  durationMs: 12,
  correlationId: 'c-1',
});

const COMMON = {
  TimeGenerated: '2026-01-05T10:00:00.2500000Z',
  OperationName: 'KeySign',
  ResultType: 'Success',
  CorrelationId: 'c-1',
  DurationMs: 12,
  _ResourceId: ID,
};

test("AzureDiagnostics names what is the vault's own after its path and the type of its value", () => {
  expect(diagnosticsRow(LINE)).toMatchObject({
    ...COMMON,
    Category: 'AuditEvent',
    CallerIPAddress: '10.0.0.1',
    Resource: 'KV-ONE',
    httpStatusCode_d: 429,
    clientInfo_s: 'a client',
    identity_claim_appid_g: APP.toLowerCase(),
    identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_s: 'no-guid',
    identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s: 'someone@contoso.com',
  });
});

test('AZKVAuditLogs has columns of its own, and the identity as it was', () => {
  expect(auditLogsRow(LINE)).toMatchObject({
    ...COMMON,
    CallerIpAddress: '10.0.0.1',
    HttpStatusCode: 429,
    ClientInfo: 'a client',
    Identity: { claim: { appid: APP } },
  });
});

test.each([
  ['a status as text', { properties: { httpStatusCode: '429' } }, { httpStatusCode_s: '429' }, { HttpStatusCode: 429 }],
  [
    'a status that is none',
    { properties: { httpStatusCode: 'x' } },
    { httpStatusCode_s: 'x' },
    { HttpStatusCode: null },
  ],
  ['no identity', { identity: {} }, {}, { Identity: {} }],
  [
    'the size of a key',
    { properties: { keyProperties: { type: 'RSA', size: 2048 } } },
    { keyProperties_type_s: 'RSA', keyProperties_size_d: 2048 },
    { KeyProperties: { type: 'RSA', size: 2048 } },
  ],
])('keeps %s in both tables', (_what, changed, diagnostics, auditLogs) => {
  const line = JSON.stringify({ ...JSON.parse(LINE), ...changed });
  expect(diagnosticsRow(line)).toMatchObject(diagnostics);
  expect(auditLogsRow(line)).toMatchObject(auditLogs);
});

test('makes no column of what is not there', () => {
  const columns = Object.keys(diagnosticsRow(JSON.stringify({ ...JSON.parse(LINE), identity: {}, properties: {} })));
  expect(columns.filter((name) => /_[sdgb]$/.test(name))).toEqual([]);
});
