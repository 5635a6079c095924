import { afterEach, describe, expect, test } from 'vitest';
import { openResourceGraph, permissions } from '../../../../shared/adapters/azure/resource-graph.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { Resource } from '../../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../../shared/ports.ts';
import { type ResourceGraphServer, startResourceGraph } from '../../../../simulation/servers/resource-graph.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { type FakeClock, fakeClock, seededRandom } from '../../../kit.ts';

const TOKEN = 'a-token-that-nobody-may-see';
const [ONE, TWO] = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'] as const;
const VAULT: Resource = {
  cloud: 'azure',
  id: `/subscriptions/${ONE}/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv`,
  name: 'kv',
  type: 'microsoft.keyvault/vaults',
  scope: `/subscriptions/${ONE}`,
};

const servers: ResourceGraphServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Takes the name of a table for a query, and gives back its records: what a text means is tested elsewhere. */
async function startGraph(): Promise<ResourceGraphServer> {
  const server = await startResourceGraph((text, table) => table(text).map(({ name, size }) => ({ name, size })));
  server.readable.add(ONE).add(TWO);
  server.tables.set('resources', [
    { subscriptionId: ONE, name: 'kv', size: 1 },
    { subscriptionId: TWO, name: 'shop', size: null },
  ]);
  server.tables.set('resourcechanges', [{ subscriptionId: ONE, name: 'change', size: { an: 'object' } }]);
  servers.push(server);
  return server;
}

/** Each wait ends at once. */
function hurriedClock(): FakeClock {
  const still = fakeClock();
  return {
    ...still,
    sleep: async (ms) => {
      void still.sleep(ms).catch(() => undefined);
      still.advance(ms);
    },
  };
}

function readerOf(origin: string, scopes: readonly string[] = [], clock = hurriedClock()): EvidenceReader {
  const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const choices = { settings: { scopes }, endpoints: { ARM: origin } };
  return openResourceGraph(choices, AZURE_CLOUDS.public, { credential, clock, random: seededRandom(1) });
}

function asking(...statements: EvidenceRequest['query']['statements']): EvidenceRequest {
  const query = { setup: [], statements, parameters: {} };
  return {
    resource: VAULT,
    from: '2026-11-20T13:00:00.000Z',
    to: '2026-11-20T14:00:00.000Z',
    window: 'incident',
    query,
  };
}

const RESOURCES = { kind: 'owners', text: 'resources' };

evidenceReaderContract(
  'Resource Graph',
  {
    role: /the role Reader on \/subscriptions\/00000000-0000-0000-0000-000000000001$/,
    denial: { status: 403, body: '{"error":{"code":"AuthorizationFailed"}}' },
    triesWhenDead: 3,
  },
  async () => {
    const server = await startGraph();
    return {
      reader: readerOf(server.origin, [`/subscriptions/${ONE}`]),
      request: asking(RESOURCES),
      others: [
        { ...VAULT, cloud: 'aws' },
        { ...VAULT, id: 'azure:scope:rule' },
        { ...VAULT, id: '/subscriptions/mine/resourcegroups/rg' },
      ],
      fail: (fault) => {
        server.weather.next = () => fault;
      },
      asked: () => server.received.length,
      secrets: [TOKEN],
      close: async () => undefined,
    };
  },
);

describe('what is asked', () => {
  test('is the text, of the subscriptions in scope and that of the resource, as objects, with a token', async () => {
    const server = await startGraph();
    const scopes = [`/subscriptions/${TWO}/resourcegroups/rg`, `/subscriptions/${TWO}`, '123456789012'];
    const [reading] = await readerOf(server.origin, scopes).read(asking(RESOURCES));
    expect(reading).toMatchObject({
      state: 'read',
      rows: [
        { name: 'kv', size: 1 },
        { name: 'shop', size: null },
      ],
    });
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = server.received;
    expect(`${method} ${path}`).toBe('POST /providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01');
    expect(headers['authorization']).toBe(`Bearer ${TOKEN}`);
    expect(JSON.parse(body)).toEqual({
      query: 'resources',
      subscriptions: [ONE, TWO],
      options: { resultFormat: 'objectArray', $top: 1_000 },
    });
  });

  test('is all that the identity may read where no scope is configured', async () => {
    const server = await startGraph();
    await readerOf(server.origin).read(asking(RESOURCES));
    expect(JSON.parse(server.received[0]?.body ?? '')).not.toHaveProperty('subscriptions');
  });

  test('is asked of the host of the cloud where no other is configured', () => {
    expect(Object.values(AZURE_CLOUDS).map(({ arm }) => arm.url)).toEqual([
      'https://management.azure.com',
      'https://management.usgovcloudapi.net',
      'https://management.chinacloudapi.cn',
    ]);
  });

  test('needs the right to read all types, since any may hold an identity', () => {
    expect(permissions.arm).toEqual(['*/read']);
  });
});

describe('an answer', () => {
  test('of several pages is read to its end', async () => {
    const server = await startGraph();
    server.pageRows = 1;
    const [reading] = await readerOf(server.origin).read(asking(RESOURCES));
    expect(reading).toMatchObject({ state: 'read', rows: [{ name: 'kv' }, { name: 'shop' }], truncated: false });
    expect(server.received).toHaveLength(2);
  });

  test('without end is cut after five pages, and says so', async () => {
    const server = await startGraph();
    server.pageRows = 1;
    server.tables.set(
      'resources',
      Array.from({ length: 9 }, (_, n) => ({ subscriptionId: ONE, name: `n${n}`, size: n })),
    );
    const [reading] = await readerOf(server.origin).read(asking(RESOURCES));
    expect(reading).toMatchObject({ truncated: true });
    expect(reading?.state === 'read' && reading.rows).toHaveLength(5);
  });

  test.each([
    ['true', true],
    [true, true],
    ['false', false],
  ])('that says resultTruncated %j is taken at its word', async (told, truncated) => {
    const server = await startGraph();
    server.faults.push({ status: 200, body: JSON.stringify({ data: [], resultTruncated: told }) });
    expect(await readerOf(server.origin).read(asking(RESOURCES))).toMatchObject([{ state: 'read', truncated }]);
  });

  test('holds nothing where a row cannot hold what was given', async () => {
    const server = await startGraph();
    const [reading] = await readerOf(server.origin).read(asking({ kind: 'changes', text: 'resourcechanges' }));
    expect(reading).toMatchObject({ rows: [{ name: 'change', size: null }] });
  });

  test('of another shape is not believed', async () => {
    const server = await startGraph();
    server.faults.push({ status: 200, body: '{"rows":[]}' });
    expect(await readerOf(server.origin).read(asking(RESOURCES))).toMatchObject([{ why: 'unsupported' }]);
  });

  test('is given again as long as it may be kept, to the same question alone, and asked for once', async () => {
    const server = await startGraph();
    const clock = hurriedClock();
    const reader = readerOf(server.origin, [], clock);
    const kept = asking({ ...RESOURCES, keepMs: 60_000 });
    const readings = (await Promise.all([reader.read(kept), reader.read(kept)])).flat();
    expect(readings.map(({ state }) => state)).toEqual(['read', 'read']);
    clock.advance(59_999);
    await reader.read(kept);
    expect(server.received).toHaveLength(1);
    await reader.read(asking({ kind: 'owners', text: 'resourcechanges', keepMs: 60_000 }));
    clock.advance(1);
    await reader.read(kept);
    expect(server.received).toHaveLength(3);
  });

  test('that failed is not kept', async () => {
    const server = await startGraph();
    const reader = readerOf(server.origin);
    server.faults.push({ status: 403 });
    const kept = asking({ ...RESOURCES, keepMs: 60_000 });
    expect(await reader.read(kept)).toMatchObject([{ why: 'denied' }]);
    expect(await reader.read(kept)).toMatchObject([{ state: 'read' }]);
  });
});

describe('the quota', () => {
  test('is waited for when it is used up, and never run into', async () => {
    const server = await startGraph();
    const clock = hurriedClock();
    const reader = readerOf(server.origin, [], clock);
    server.quota = { remaining: 1, resetsAfter: '00:00:04' };
    await reader.read(asking(RESOURCES));
    server.quota = { remaining: 15, resetsAfter: '00:00:05' };
    await reader.read(asking(RESOURCES));
    expect(clock.slept).toEqual([4_000]);
    expect(server.received).toHaveLength(2);
  });

  test('that others have used up is learnt from the refusal, with how long it lasts', async () => {
    const server = await startGraph();
    const clock = hurriedClock();
    server.weather.next = () => {
      if (clock.slept.length === 0) server.quota = { remaining: 0, resetsAfter: '00:00:03' };
      else server.quota = { remaining: 15, resetsAfter: '00:00:05' };
      return undefined;
    };
    expect(await readerOf(server.origin, [], clock).read(asking(RESOURCES))).toMatchObject([{ state: 'read' }]);
    expect(clock.slept).toEqual([3_000]);
  });

  test('that is not there for longer than it is worth to wait is left alone, with the time', async () => {
    const server = await startGraph();
    const reader = readerOf(server.origin);
    server.quota = { remaining: 1, resetsAfter: '00:01:00' };
    await reader.read(asking(RESOURCES));
    expect(await reader.read(asking(RESOURCES))).toMatchObject([{ why: 'throttled', retryAfterMs: 60_000 }]);
    expect(server.received).toHaveLength(1);
  });
});

test('what lies in subscriptions that may not be read is left out; where none may be, the role that is missing is named', async () => {
  const server = await startGraph();
  server.readable.delete(TWO);
  const scopes = [`/subscriptions/${ONE}`, `/subscriptions/${TWO}`];
  expect(await readerOf(server.origin, scopes).read(asking(RESOURCES))).toMatchObject([{ rows: [{ name: 'kv' }] }]);
  server.readable.clear();
  expect(await readerOf(server.origin, scopes).read(asking(RESOURCES))).toMatchObject([
    { why: 'denied', nextStep: `give this identity the role Reader on /subscriptions/${ONE}, /subscriptions/${TWO}` },
  ]);
});
