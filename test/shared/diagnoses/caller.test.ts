import { expect, test } from 'vitest';
import { callerOf, victimsBeside } from '../../../shared/diagnoses/caller.ts';
import type { CallerRow } from '../../../shared/evidence/callers.ts';

const ROW: CallerRow = {
  caller: '2f56dff0-caee-46c9-aeac-6c2e4b213ef7',
  kind: 'application',
  appId: '2f56dff0-caee-46c9-aeac-6c2e4b213ef7',
  objectId: 'e419ec49-f193-4088-a73d-9a13626195cb',
  name: null,
  client: 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)',
  requests: 10,
  served: 5,
  forbidden: 0,
  notFound: 0,
  refused: 5,
  failed: 0,
  addresses: 3,
  targets: 2,
  perTargetAndAddress: 2,
  peak10s: 7,
  firstMs: 0,
  lastMs: 1,
};

test.each<[string, Partial<CallerRow>, string]>([
  ['an application by its library and the start of its id', {}, '.NET app 2f56dff0'],
  ['one whose library does not say', { client: 'curl/8.5.0' }, 'app 2f56dff0'],
  ['one without library', { client: null }, 'app 2f56dff0'],
  ['an identity without application', { appId: null }, '.NET identity 2f56dff0'],
  ['a person by their sign-in name', { kind: 'user', name: 'dana@contoso.com' }, 'dana@contoso.com'],
  ['hostile text without its sequences', { name: '\u001b[31mdana\u0007\n<!channel>' }, 'dana <!channel>'],
])('names %s', (_what, fields, displayName) => {
  expect(callerOf({ ...ROW, ...fields }).displayName).toBe(displayName);
});

test('leaves out what the log does not say', () => {
  const { displayName: _name, ...caller } = callerOf({ ...ROW, appId: null, objectId: null, client: null });
  expect(caller).toEqual({ id: ROW.caller, kind: 'application', addresses: 3 });
});

test('victims are the others that were refused, most first', () => {
  const rows = [
    { ...ROW, caller: 'a', refused: 1 },
    { ...ROW, caller: 'b', refused: 0 },
    { ...ROW, caller: 'c', refused: 9 },
    ROW,
  ];
  expect(victimsBeside(rows, ROW.caller).map(({ id }) => id)).toEqual(['c', 'a']);
});
