/** DynamoDB's answer to a write gets lost, and the client tries again: what the adapter makes of the conflict. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTable } from '../../../../shared/adapters/aws/stores.ts';
import type { Records } from '../../../../shared/ports.ts';
import {
  type Answered,
  type FaultyServer,
  type Received,
  startFaultyServer,
} from '../../../../simulation/servers/faulty-server.ts';

const KEY = { partition: 'open', id: 'fingerprint' };
const CONFLICT = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';

let server: FaultyServer;
let records: Records;
let item: Record<string, unknown> | undefined;

beforeEach(async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'nobody');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  item = undefined;
  server = await startFaultyServer(answer);
  records = openTable('records', { endpoint: server.origin, now: Date.now, limits: { tryMs: 300 } });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** One item, made once. */
function answer({ headers, body }: Received): Answered {
  if (String(headers['x-amz-target']).endsWith('GetItem')) return json(200, item === undefined ? {} : { Item: item });
  if (item !== undefined) return json(400, { __type: CONFLICT, message: 'The conditional request failed' });
  item = JSON.parse(body).Item;
  return json(200, {});
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

test.each([
  ['cut off', { cut: 'after' as const }],
  ['never given', { hang: 'after' as const }],
])('a write whose answer was %s is known by its own trace', async (_what, fault) => {
  server.faults.push(fault);
  const revision = await records.put(KEY, { v: 1 }, 'absent');
  expect(await records.get(KEY)).toEqual({ id: KEY.id, value: { v: 1 }, revision });
});

test('another’s write in the place of a lost one is a conflict', async () => {
  server.faults.push({ cut: 'before' });
  item = { pk: { S: KEY.partition }, sk: { S: KEY.id }, rev: { S: 'another' }, json: { S: '{}' } };
  expect(await records.put(KEY, { v: 1 }, 'absent')).toBe('conflict');
});

test('a conflict at the first try is believed without asking', async () => {
  await records.put(KEY, { v: 1 }, 'absent');
  const before = server.received.length;
  expect(await records.put(KEY, { v: 2 }, 'absent')).toBe('conflict');
  expect(server.received.length).toBe(before + 1);
});

test('a service that fails is asked three times, then reported as such', async () => {
  server.faults.push({ status: 500 }, { status: 500 }, { status: 503 }, { status: 500 });
  await expect(records.get(KEY)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(server.received).toHaveLength(3);
});
