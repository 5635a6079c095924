import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTableClient, type TableClient } from '../../../../shared/adapters/azure/table-client.ts';
import { entityOf, idOf, jsonOf, writeOf } from '../../../../shared/adapters/azure/table-row.ts';
import { type Answered, type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { createRoutedHttpClient } from '../../../../simulation/servers/routed-http-client.ts';

const HOST = 'account.table.core.windows.net';
const ACCOUNT = `https://${HOST}`;
const ETAG = `W/"datetime'2026-11-20T14%3A00%3A00.0000000Z'"`;

const { signal } = new AbortController();
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answered => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
/** As tables refuse: the code stands in the body alone. */
const refusal = (status: number, code: string): Answered =>
  json(status, { 'odata.error': { code, message: { lang: 'en-US', value: `${code}\nRequestId:1` } } });

let server: FaultyServer;
let scopes: string[];
let answers: Answered[];

function clientOf(account: string): TableClient {
  const getToken = async (scope: string | string[]) => {
    scopes.push(...[scope].flat());
    return { token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  const httpClient = createRoutedHttpClient({ [new URL(account).host]: server.origin });
  return openTableClient(account, 'headroom', { getToken }, { httpClient });
}

beforeEach(async () => {
  scopes = [];
  answers = [];
  server = await startFaultyServer(() => answers.shift() ?? { status: 204, headers: { etag: ETAG }, body: '' });
});
afterEach(() => server.close());

describe('the client of tables', () => {
  test('asks for a page by partition and key, and for the next one by what the service said', async () => {
    const entity = { PartitionKey: 'p', RowKey: 'b', 'odata.etag': ETAG, w: 'one' };
    const next = { 'x-ms-continuation-NextPartitionKey': '1!4!cA--', 'x-ms-continuation-NextRowKey': '1!4!Yg= +' };
    answers.push(json(200, { value: [] }, next), json(200, { value: [entity] }));
    const table = clientOf(ACCOUNT);
    const range = { partition: 'p', after: 'a', max: 7 };
    const first = await table.list({ ...range, from: null }, signal);
    expect(first.entities).toEqual([]);
    const second = await table.list({ ...range, from: first.next }, signal);
    expect(second).toEqual({
      entities: [{ row: 'b', etag: ETAG, properties: { PartitionKey: 'p', w: 'one' } }],
      next: null,
    });
    const asked = server.received.map(({ path }) => path);
    const filter = '$filter=PartitionKey%20eq%20%27p%27%20and%20RowKey%20gt%20%27a%27&$top=7';
    expect(asked).toEqual([
      `/headroom()?${filter}`,
      `/headroom()?${filter}&NextPartitionKey=1!4!cA--&NextRowKey=1!4!Yg%3D%20%2B`,
    ]);
  });

  test('goes on where a continuation names only the partition', async () => {
    answers.push(json(200, { value: [] }, { 'x-ms-continuation-NextPartitionKey': 'x' }));
    const { next } = await clientOf(ACCOUNT).list({ partition: 'p', after: '', max: 1, from: null }, signal);
    expect(next).toEqual({ NextPartitionKey: 'x' });
  });

  test('no key leads out of its own quotes', async () => {
    const table = clientOf(ACCOUNT);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), async (key) => {
        server.received.length = 0;
        await table.remove({ partition: key, row: key }, ETAG, signal);
        answers.push(json(200, { value: [] }));
        await table.list({ partition: key, after: key, max: 1, from: null }, signal);
        const quoted = `'${key.replaceAll("'", "''")}'`;
        const [removed, listed] = server.received.map(({ path }) => new URL(path, ACCOUNT));
        expect(decodeURIComponent(removed?.pathname ?? '')).toBe(`/headroom(PartitionKey=${quoted},RowKey=${quoted})`);
        expect(removed?.search).toBe('');
        expect(listed?.searchParams.get('$filter')).toBe(`PartitionKey eq ${quoted} and RowKey gt ${quoted}`);
      }),
      { numRuns: 50 },
    );
  });

  test('writes under the condition that it was given, and says the ETag', async () => {
    const table = clientOf(ACCOUNT);
    const entity = entityOf({ partition: 'p', id: 'a' }, '{"v":1}', 'one');
    expect(await table.insert(entity, signal)).toBe(ETAG);
    expect(await table.replace(entity, ETAG, signal)).toBe(ETAG);
    await table.remove({ partition: 'p', row: 'a' }, ETAG, signal);
    expect(server.received.map(({ method, headers }) => [method, headers['if-match']])).toEqual([
      ['POST', undefined],
      ['PUT', ETAG],
      ['DELETE', ETAG],
    ]);
    for (const { headers } of server.received) expect(headers['x-ms-version']).toBe('2019-02-02');
  });

  test.each(['EntityAlreadyExists', 'TableNotFound', 'UpdateConditionNotSatisfied'])(
    'says the code of a refusal from its body: %s',
    async (code) => {
      answers.push(refusal(409, code));
      const entity = entityOf({ partition: 'p', id: 'a' }, '1', 'one');
      await expect(clientOf(ACCOUNT).insert(entity, signal)).rejects.toMatchObject({ statusCode: 409, code });
    },
  );

  test.each([['<html>502</html>'], [''], ['null'], ['{"odata.error":"x"}']])(
    'a refusal of something else has its status alone: %j',
    async (body) => {
      answers.push({ status: 502, body });
      const failing = clientOf(ACCOUNT).get({ partition: 'p', row: 'a' }, signal);
      await expect(failing).rejects.toMatchObject({ name: 'RestError', statusCode: 502, code: undefined });
    },
  );

  test.each([['<html>sign in</html>'], [''], ['null'], ['{"value":1}'], ['{"value":[{"RowKey":1}]}']])(
    'what is no answer of a table is none: %j',
    async (body) => {
      answers.push({ status: 200, body }, { status: 200, body });
      const table = clientOf(ACCOUNT);
      await expect(table.get({ partition: 'p', row: 'a' }, signal)).rejects.toThrow();
      await expect(table.list({ partition: 'p', after: '', max: 1, from: null }, signal)).rejects.toThrow();
    },
  );

  test('a table that another process has just made is made; one that is being deleted is not', async () => {
    answers.push(refusal(409, 'TableAlreadyExists'), refusal(409, 'TableBeingDeleted'));
    const table = clientOf(ACCOUNT);
    await table.create(signal);
    await expect(table.create(signal)).rejects.toMatchObject({ code: 'TableBeingDeleted' });
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/Tables', body: '{"TableName":"headroom"}' });
  });

  test.each([
    ['https://account.table.core.windows.net', 'https://storage.azure.com/.default'],
    ['https://account.table.core.usgovcloudapi.net', 'https://storage.azure.com/.default'],
    ['https://account.table.core.chinacloudapi.cn', 'https://storage.azure.com/.default'],
    ['https://account.table.cosmos.azure.com', 'https://cosmos.azure.com/.default'],
    ['https://account.table.cosmos.azure.us', 'https://cosmos.azure.com/.default'],
    ['https://account.table.cosmosdb.azure.com', 'https://cosmos.azure.com/.default'],
  ])('%s is opened with a token for %s', async (account, scope) => {
    await clientOf(account).create(signal);
    expect(scopes).toEqual([scope]);
  });
});

describe('a record as an entity', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 262_144])('%i bytes come back, in parts of 64 KiB', (bytes) => {
    const text = 'x'.repeat(bytes);
    const { row, properties } = entityOf({ partition: 'a/b', id: "it's" }, text, 'one');
    const stored = { row, etag: ETAG, properties };
    expect([idOf(stored), writeOf(stored), jsonOf(stored)]).toEqual(["it's", 'one', text]);
    const parts = Object.entries(properties).filter(([name]) => /^d\d$/.test(name));
    expect(parts.map(([, part]) => Buffer.from(part, 'base64').length).every((length) => length <= 65_536)).toBe(true);
    expect(parts).toHaveLength(Math.ceil(bytes / 65_536));
    for (const [name] of parts) expect(properties[`${name}@odata.type`]).toBe('Edm.Binary');
  });
});
