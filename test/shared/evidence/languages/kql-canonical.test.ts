import { describe, expect, test } from 'vitest';
import { callers } from '../../../../shared/evidence/callers.ts';
import { coverage } from '../../../../shared/evidence/coverage.ts';
import type { EvidenceKind } from '../../../../shared/evidence/kind.ts';
import { composeKql } from '../../../../shared/evidence/languages/kql.ts';
import { operations } from '../../../../shared/evidence/operations.ts';
import { areRowsOf } from '../../../../shared/evidence/rows.ts';
import { targets } from '../../../../shared/evidence/targets.ts';
import { timeline } from '../../../../shared/evidence/timeline.ts';
import type { Row } from '../../../../shared/model.ts';
import { EVIDENCE_KINDS } from '../../../../shared/registry.ts';
import { auditLogsRow, diagnosticsRow, type LogRow } from '../../../../simulation/log-tables.ts';
import { execute, type Stored, store } from '../../../kql/execute.ts';
import { AZKV_AUDIT_LOGS, AZURE_DIAGNOSTICS, BARE_AZURE_DIAGNOSTICS } from '../../../kql/tables.ts';
import { FROM, line, TO, VAULT } from '../kit.ts';

/** Rows of one kind for the incident, from these tables. */
function ask(kind: EvidenceKind, tables: readonly Stored[]): Row[] {
  const query = composeKql([kind], { resource: VAULT, from: FROM, to: TO, windows: ['incident'] });
  return execute(query.together ?? '', tables).rows.map(([, , row]) => JSON.parse(String(row)));
}

const auditLogs = (...rows: LogRow[]): Stored => store(AZKV_AUDIT_LOGS, rows);
const diagnostics = (...rows: LogRow[]): Stored => store(AZURE_DIAGNOSTICS, rows);

/** Enough refusals that what is derived around them exists. */
const REFUSED = [1, 2, 3].map((at) => auditLogsRow(line({ at, status: 429, secret: 'refused' })));

describe('the identity in AZKVAuditLogs', () => {
  const claim = { appid: 'APP-1', oid: 'OBJECT-1' };

  test.each([
    ['an object', { claim }],
    ['a text that holds one', JSON.stringify({ claim })],
  ])('is read as %s', (_what, identity) => {
    const [row] = ask(callers, [auditLogs({ ...auditLogsRow(line({ at: 0 })), Identity: identity })]);
    expect(row).toMatchObject({
      caller: 'app-1',
      kind: 'application',
      appId: 'app-1',
      objectId: 'object-1',
      name: null,
    });
  });

  test.each([
    ['nothing', null],
    ['no object', 'text'],
    ['an empty object', {}],
  ])('makes no caller where it is %s', (_what, identity) => {
    expect(ask(callers, [auditLogs({ ...auditLogsRow(line({ at: 0 })), Identity: identity })])).toEqual([]);
  });
});

test.each([
  ['a version', { Id: 'https://kv-contoso.vault.azure.net/secrets/One/4c1c9a3f7c0e4f0fae1f4b6c2b1d8e55' }],
  ['a query', { Id: 'https://kv-contoso.vault.azure.net/secrets/one?api-version=7.4' }],
  ['a port', { Id: '', RequestUri: 'https://kv-contoso.vault.azure.net:8443/secrets/one/?api-version=7.4' }],
])('names the target alike with %s', (_what, fields) => {
  const rows = ask(targets, [auditLogs(...REFUSED, { ...auditLogsRow(line({ at: 4 })), ...fields })]);
  expect(rows.map((row) => row['target'])).toContain('secrets/one');
});

describe('AzureDiagnostics', () => {
  const [written = ''] = [line({ at: 0, status: 429, appId: 'APP-1' })];
  const { httpStatusCode_d, identity_claim_appid_s, ...without } = diagnosticsRow(written);

  test.each([
    ['a column for numbers', { httpStatusCode_d }],
    ['a column for texts', { httpStatusCode_s: '429' }],
    ['the properties of a table that has all the columns it may have', { AdditionalFields: { httpStatusCode: 429 } }],
    ['such properties as text, with the suffix', { AdditionalFields: '{"httpStatusCode_d":"429"}' }],
  ])('gives the status from %s', (_what, fields) => {
    const [row] = ask(timeline, [diagnostics({ ...without, ...fields })]);
    expect(row).toMatchObject({ outcome: 'refused' });
  });

  test.each([
    ['a text', { identity_claim_appid_s }],
    ['a GUID', { identity_claim_appid_g: 'APP-1' }],
    ['a property', { AdditionalFields: { identity_claim_appid: 'APP-1' } }],
  ])('gives the application from %s', (_what, fields) => {
    const [row] = ask(callers, [diagnostics({ ...without, ...fields })]);
    expect(row).toMatchObject({ caller: 'app-1' });
  });

  test('tells the class of a key from number or text', () => {
    const key = { ...diagnosticsRow(line({ at: 0, operation: 'KeySign' })), keyProperties_type_s: 'RSA-HSM' };
    for (const size of [{ keyProperties_size_d: 4096 }, { keyProperties_size_s: '4096' }])
      expect(ask(operations, [diagnostics({ ...key, ...size })])).toMatchObject([{ keyClass: 'key-rsa-4096-hsm' }]);
  });

  test('counts what has no status where the workspace never saw one', () => {
    const { TimeGenerated, _ResourceId, Category, OperationName } = without;
    const bare = store(BARE_AZURE_DIAGNOSTICS, [{ TimeGenerated, _ResourceId, Category, OperationName }]);
    expect(ask(coverage, [bare])).toMatchObject([{ requests: 1, withoutStatus: 1 }]);
  });

  test('is read for audit records of this vault alone', () => {
    const own = diagnosticsRow(line({ at: 0 }));
    const others = [
      { ...own, Category: 'AzurePolicyEvaluationDetails' },
      { ...own, _ResourceId: `${VAULT.id}-2` },
    ];
    expect(ask(coverage, [diagnostics(own, ...others)])).toMatchObject([{ requests: 1, duplicates: 0 }]);
  });
});

describe('both tables', () => {
  const lines = Array.from({ length: 6 }, (_, at) => line({ at: at * 20 }));
  const [one = '', two = '', three = '', four = ''] = lines;

  test('are one log, each minute of which comes from the table that holds more of it', () => {
    const tables = [auditLogs(...[one, two, three].map(auditLogsRow)), diagnostics(...[two, four].map(diagnosticsRow))];
    expect(ask(coverage, tables)).toMatchObject([{ requests: 4, duplicates: 0 }]);
  });

  test('hold a request once, however often it was ingested', () => {
    const tables = [auditLogs(...lines.map(auditLogsRow)), diagnostics(...[...lines, one, one].map(diagnosticsRow))];
    expect(ask(coverage, tables)).toMatchObject([{ requests: 6, duplicates: 2 }]);
  });
});

test('a workspace without any record gives a coverage of nothing, and no other row', () => {
  const query = composeKql(EVIDENCE_KINDS, { resource: VAULT, from: FROM, to: TO });
  const { rows } = execute(query.together ?? '', [auditLogs()]);
  expect(rows.map(([kind]) => kind)).toEqual(['coverage', 'coverage', 'coverage', 'coverage']);
  const held = rows.map(([, , row]): Row => JSON.parse(String(row)));
  expect(areRowsOf(held, coverage)).toBe(true);
  for (const row of held) expect(row).toMatchObject({ requests: 0, firstMs: null, lastMs: null });
});

test('rows come in the order that SQL gives them', () => {
  const busy = ['b', 'a', 'c', 'a', 'b', 'c', 'c'].map((appId, at) => auditLogsRow(line({ at, appId })));
  expect(ask(callers, [auditLogs(...busy)]).map((row) => [row['caller'], row['requests']])).toEqual([
    ['c', 3],
    ['a', 2],
    ['b', 2],
  ]);
});
