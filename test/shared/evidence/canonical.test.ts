import { expect, test } from 'vitest';
import { callers } from '../../../shared/evidence/callers.ts';
import { coverage } from '../../../shared/evidence/coverage.ts';
import { targets } from '../../../shared/evidence/targets.ts';
import { timeline } from '../../../shared/evidence/timeline.ts';
import { type Asked, ask, FROM, line } from './kit.ts';

/** Enough refusals that what is derived around them exists. */
const REFUSED = [1, 2, 3].map((second) => line({ at: second, status: 429, secret: 'refused' }));

test.each<[string, Asked, string]>([
  ['an application by its id', { at: 0, appId: 'APP-1', oid: 'OBJECT-1' }, 'app-1'],
  ['an identity without application by its object id', { at: 0, appId: null, oid: 'OBJECT-1' }, 'object-1'],
  [
    'a person by their object id, whatever tool they use',
    { at: 0, appId: 'cli', oid: 'PERSON-1', upn: 'p@x.org' },
    'person-1',
  ],
  ['a person without object id by their sign-in name', { at: 0, appId: 'cli', upn: 'P@x.org' }, 'p@x.org'],
])('names %s', async (_what, asked, caller) => {
  expect((await ask(callers, [line(asked)])).map((row) => row.caller)).toEqual([caller]);
});

test.each(['oid', 'upn'])('reads the short spelling of the claim %s', async (claim) => {
  const record = JSON.parse(line({ at: 0, appId: null }));
  record.identity = { claim: { [claim]: 'Someone' } };
  expect((await ask(callers, [JSON.stringify(record)])).map((row) => row.caller)).toEqual(['someone']);
});

test('makes no caller of a record without identity', async () => {
  const challenge = line({ at: 0, appId: null, operation: 'Authentication', status: 401 });
  expect(await ask(callers, [challenge])).toEqual([]);
  const [row] = await ask(timeline, [challenge]);
  expect(row).toMatchObject({ class: 'challenge', outcome: 'challenged' });
});

test.each([
  ['a number', 429],
  ['a text', '429'],
])('takes the status from httpStatusCode as %s, never from resultType', async (_what, status) => {
  const [row] = await ask(callers, [line({ at: 0, status })]);
  expect(row).toMatchObject({ refused: 1, served: 0 });
});

test.each([
  ['a version', { id: 'https://kv-contoso.vault.azure.net/secrets/One/4c1c9a3f7c0e4f0fae1f4b6c2b1d8e55' }],
  ['a query', { id: 'https://kv-contoso.vault.azure.net/secrets/one?api-version=7.4' }],
  ['a port', { id: 'https://kv-contoso.vault.azure.net:443/secrets/one' }],
  ['only a request address', { id: '', requestUri: 'https://kv-contoso.vault.azure.net/secrets/one/?api-version=7.4' }],
  ['no id at all', { id: undefined, requestUri: 'https://kv-contoso.vault.azure.net/secrets/ONE' }],
])('names the target alike with %s', async (_what, properties) => {
  const record = JSON.parse(line({ at: 4 }));
  record.properties = { ...record.properties, ...properties };
  const rows = await ask(targets, [...REFUSED, JSON.stringify(record)]);
  expect(rows.map((row) => row.target)).toContain('secrets/one');
});

test.each([
  ['SecretGet', 'secret'],
  ['SecretList', 'secret'],
  ['CertificateGet', 'secret'],
  ['SecretSet', 'create'],
  ['KeyImport', 'create'],
  ['CertificateImport', 'create'],
  ['KeySign', 'key'],
  ['KeyCreate', 'key-create'],
  ['VaultPut', 'management'],
])('counts %s against the limit of class %s', async (operation, operationClass) => {
  const [row] = await ask(timeline, [line({ at: 0, operation })]);
  expect(row?.class).toBe(operationClass);
});

test('reads times with any offset as the moment they mean', async () => {
  const record = { ...JSON.parse(line({ at: 0 })), time: '2026-01-05T12:00:07.5000000+02:00' };
  const [row] = await ask(timeline, [JSON.stringify(record)]);
  expect(row?.fromSecond).toBe(Date.parse(FROM) / 1000);
  expect(row?.perSecond.indexOf(1)).toBe(7);
});

test('counts lines that are no audit record, and answers from the others', async () => {
  const broken = [
    '{"time":"2026-01-05T10:0',
    'no json',
    '[]',
    '42',
    '{}',
    '"text"',
    '{"time":"yesterday","resourceId":"x"}',
  ];
  const [row] = await ask(coverage, [line({ at: 1 }), ...broken, '', line({ at: 2 })]);
  expect(row).toMatchObject({ requests: 2, unreadable: broken.length });
});

test('tolerates fields that are missing, additional or of another type', async () => {
  const record = JSON.parse(line({ at: 1 }));
  const odd = [
    { ...record, correlationId: 'x1', identity: 'text', durationMs: 'long' },
    { ...record, correlationId: 'x2', identity: [], durationMs: 7, tenantId: { deep: [1] } },
    { ...record, correlationId: 'x3', identity: { claim: 'text' }, callerIpAddress: null },
    { ...record, correlationId: 'x4', identity: null, properties: { httpStatusCode: 200, new: [{}] } },
    { ...record, correlationId: 'x5', properties: 'text' },
    { ...record, correlationId: 'x6', properties: { httpStatusCode: 'teapot' }, category: undefined },
  ];
  const [row] = await ask(
    coverage,
    odd.map((each) => JSON.stringify(each)),
  );
  expect(row).toMatchObject({ requests: odd.length, unreadable: 0, withoutStatus: 2 });
});

test('leaves out other resources, other categories and other times', async () => {
  const record = JSON.parse(line({ at: 1 }));
  const [row] = await ask(coverage, [
    line({ at: 1 }),
    line({ at: 1, resourceId: record.resourceId.replace('KV-CONTOSO', 'KV-OTHER') }),
    JSON.stringify({ ...record, category: 'AzurePolicyEvaluationDetails' }),
    line({ at: -7_200 }),
    line({ at: 1_200 }),
    line({ at: 1_199 }),
  ]);
  expect(row).toMatchObject({ requests: 2, unreadable: 0, duplicates: 0 });
});

test('drops a request that was exported twice', async () => {
  const twice = line({ at: 1 });
  const [row] = await ask(coverage, [twice, line({ at: 2 }), twice, twice]);
  expect(row).toMatchObject({ requests: 2, duplicates: 2 });
});

test('gives a refusal without identity the caller that asked next from the same address', async () => {
  const anonymous = { appId: null, status: 429, address: '10.0.0.9', secret: 'two' } as const;
  const rows = await ask(callers, [
    line({ at: 1, ...anonymous }),
    line({ at: 4, ...anonymous, appId: 'app-b', status: 200 }),
    line({ at: 5, address: '10.0.0.9', appId: 'app-c' }),
  ]);
  expect(rows.find((row) => row.caller === 'app-b')).toMatchObject({ refused: 1, served: 1 });
});

test('leaves a refusal without identity alone where several callers share the address and none follows', async () => {
  const anonymous = { appId: null, status: 429, address: '10.0.0.9', secret: 'two' } as const;
  const lines = [
    line({ at: 1, ...anonymous }),
    line({ at: 60, address: '10.0.0.9' }),
    line({ at: 60, address: '10.0.0.9', appId: 'app-b' }),
  ];
  const [row] = await ask(coverage, lines);
  expect(row).toMatchObject({ unattributed: 1, inferred: 0 });
});
