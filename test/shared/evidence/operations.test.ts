import { expect, test } from 'vitest';
import { operations } from '../../../shared/evidence/operations.ts';
import { type Asked, ask, line } from './kit.ts';

/** A record of work with a key, as the log writes it with or without the key's properties. */
function keyed(asked: Asked, keyProperties?: unknown): string {
  const record = JSON.parse(line(asked));
  const id = `https://kv-contoso.vault.azure.net/keys/${asked.secret ?? 'one'}`;
  return JSON.stringify({ ...record, properties: { ...record.properties, id, requestUri: id, keyProperties } });
}

test('operations counts what each caller does, by status, most frequent first', async () => {
  const statuses = [200, 201, 401, 403, 404, 429, 500, 503].map((status, index) =>
    line({ at: index, status, operation: 'SecretGet', secret: `s${index % 2}`, address: `10.0.0.${index % 3}` }),
  );
  const rows = await ask(operations, [
    ...statuses,
    line({ at: 9, operation: 'SecretSet' }),
    line({ at: 8, operation: 'Authentication', appId: null, status: 401 }),
  ]);
  expect(rows).toMatchObject([
    {
      caller: 'app-a',
      operation: 'SecretGet',
      class: 'secret',
      requests: 8,
      served: 2,
      forbidden: 1,
      notFound: 1,
      refused: 1,
      failed: 2,
      addresses: 3,
      targets: 2,
      keyClass: null,
      keyClassRequests: 0,
    },
    { caller: 'app-a', operation: 'SecretSet', class: 'create', requests: 1 },
  ]);
  expect((rows[0]?.lastMs ?? 0) - (rows[0]?.firstMs ?? 0)).toBe(7000);
});

test('operations keeps the twenty busiest callers and ten operations of each', async () => {
  const many = Array.from({ length: 12 }, (_, index) =>
    Array.from({ length: 12 - index }, (_each, time) => line({ at: time, operation: `SecretGet${index}` })),
  ).flat();
  const others = Array.from({ length: 25 }, (_, index) => line({ at: index, appId: `other-${index + 10}` }));
  const rows = await ask(operations, [...many, ...others]);
  expect(new Set(rows.map(({ caller }) => caller)).size).toBe(20);
  expect(rows.filter(({ caller }) => caller === 'app-a').map(({ requests }) => requests)).toEqual([
    12, 11, 10, 9, 8, 7, 6, 5, 4, 3,
  ]);
});

test.each([
  ['an RSA key', { type: 'RSA', size: 4096 }, 'key-rsa-4096'],
  ['an RSA key in an HSM, its size as a text', { type: 'RSA-HSM', size: '3072' }, 'key-rsa-3072-hsm'],
  ['an elliptic curve', { type: 'EC', curve: 'P-256' }, 'key-ec'],
  ['one in an HSM', { type: 'ec-hsm', size: 256 }, 'key-ec-hsm'],
  ['a key of a size that no limit is known for', { type: 'RSA', size: 1024 }, null],
  ['a symmetric key', { type: 'oct-HSM', size: 256 }, null],
  ['something else in its place', 'text', null],
  ['nothing', undefined, null],
])('a record that tells of %s', async (_what, keyProperties, keyClass) => {
  const [row] = await ask(operations, [keyed({ at: 1, operation: 'KeySign' }, keyProperties)]);
  expect(row).toMatchObject({ class: 'key', keyClass, keyClassRequests: keyClass === null ? 0 : 1 });
});

test('one record that tells the type of a key tells it of all work with that key', async () => {
  const rows = await ask(operations, [
    keyed({ at: 0, operation: 'KeyGet', appId: 'app-b', secret: 'big' }, { type: 'RSA', size: 4096 }),
    ...[1, 2, 3].map((at) => keyed({ at, operation: 'KeySign', secret: 'big' })),
    keyed({ at: 4, operation: 'KeySign', secret: 'unknown' }),
  ]);
  expect(rows.find(({ operation }) => operation === 'KeySign')).toMatchObject({
    requests: 4,
    keyClass: 'key-rsa-4096',
    keyClassRequests: 3,
  });
});
