import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAzureCalls } from '../../../../shared/adapters/azure/calls.ts';
import { createTableRecords } from '../../../../shared/adapters/azure/records.ts';
import { openTableClient } from '../../../../shared/adapters/azure/table-client.ts';
import { systemClock } from '../../../../shared/adapters/system/clock.ts';
import type { Records } from '../../../../shared/ports.ts';
import { type Answered, type FaultyServer, startFaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { createRoutedHttpClient } from '../../../../simulation/servers/routed-http-client.ts';

const KEY = { partition: 'incident/a2b3c4d5', id: 'state' };
const ETAGS = ['first', 'second', 'third'].map((name) => `W/"datetime'${name}'"`);

/** A table of one entity, as the service answers for it. */
function oneEntity(): (request: { method: string; body: string; headers: Record<string, unknown> }) => Answered {
  let entity: Record<string, unknown> | null = null;
  let version = -1;
  const refuse = (status: number, code: string): Answered => ({
    status,
    headers: { 'content-type': 'application/json', 'x-ms-error-code': code },
    body: JSON.stringify({ 'odata.error': { code, message: { value: code } } }),
  });
  return ({ method, body, headers }) => {
    const etag = ETAGS[version] ?? '';
    if (method === 'GET')
      return entity === null
        ? refuse(404, 'ResourceNotFound')
        : {
            status: 200,
            headers: { 'content-type': 'application/json', etag },
            body: JSON.stringify({ 'odata.etag': etag, ...entity }),
          };
    if (method === 'POST' && entity !== null) return refuse(409, 'EntityAlreadyExists');
    if (method !== 'POST' && headers['if-match'] !== etag) return refuse(412, 'UpdateConditionNotSatisfied');
    entity = JSON.parse(body);
    version += 1;
    return { status: 204, headers: { etag: ETAGS[version] ?? '' }, body: '' };
  };
}

let server: FaultyServer;
let records: Records;
let other: Records;

beforeEach(async () => {
  server = await startFaultyServer(oneEntity());
  const token = { token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 };
  const httpClient = createRoutedHttpClient({ 'account.table.core.windows.net': server.origin });
  const credential = { getToken: async () => token };
  const table = openTableClient('https://account.table.core.windows.net', 'headroom', credential, { httpClient });
  const call = createAzureCalls('table', { clock: systemClock, random: () => 0 });
  const writer = (name: string): Records => {
    let writes = 0;
    return createTableRecords({ table, call, nextWrite: () => `${name}-${++writes}` });
  };
  [records, other] = [writer('one'), writer('other')];
});
afterEach(() => server.close());

describe('records in a table, when an answer is lost', () => {
  test('a creation that took effect is told as done', async () => {
    server.faults.push({ cut: 'after' });
    const revision = await records.put(KEY, { v: 1 }, 'absent');
    expect(revision).toBe(ETAGS[0]);
    expect(server.received.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
  });

  test('a replacement that took effect is told as done, with the revision that stands', async () => {
    const first = await records.put(KEY, { v: 1 }, 'absent');
    server.faults.push({ cut: 'after' });
    expect(await records.put(KEY, { v: 2 }, first)).toBe(ETAGS[1]);
  });

  test('a creation that lost against another is a conflict, even one of the same value', async () => {
    server.faults.push({ cut: 'before' });
    const mine = records.put(KEY, { v: 1 }, 'absent');
    await other.put(KEY, { v: 1 }, 'absent');
    expect(await mine).toBe('conflict');
  });

  test('a conflict at the first try asks nothing further', async () => {
    await other.put(KEY, { v: 1 }, 'absent');
    expect(await records.put(KEY, { v: 1 }, 'absent')).toBe('conflict');
    expect(server.received.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  test.each(['*', 'none', ''])(
    'a revision that no table gives (%j) is a conflict and is never sent',
    async (revision) => {
      await records.put(KEY, { v: 1 }, 'absent');
      expect(await records.put(KEY, { v: 2 }, revision)).toBe('conflict');
      expect(await records.delete(KEY, revision)).toBe('conflict');
      expect(server.received.map(({ method }) => method)).toEqual(['POST', 'GET']);
    },
  );

  test('every request carries the token, from the first one on', async () => {
    await records.put(KEY, { v: 1 }, 'absent');
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer a-token']);
  });
});
