import { afterEach, expect, test } from 'vitest';
import { createConfigurationRequests } from '../../../../shared/adapters/azure/configuration-requests.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { storeRequests } from '../../../../shared/evidence/store-requests.ts';
import type { Resource } from '../../../../shared/model.ts';
import type { EvidenceReader } from '../../../../shared/ports.ts';
import type { FaultyServer } from '../../../../simulation/servers/faulty-server.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { fakeClock } from '../../../kit.ts';
import { packed, startFixedLogs, TOKEN, VAULT } from './logs-kit.ts';

const STORE: Resource = {
  ...VAULT,
  id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/microsoft.appconfiguration/configurationstores/shop',
  name: 'shop',
  type: 'microsoft.appconfiguration/configurationstores',
};
const SPAN = { from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' };
const QUERY = compose('configuration-requests', [storeRequests], { resource: STORE, ...SPAN });
const REQUEST = { resource: STORE, ...SPAN, window: 'incident' as const, query: QUERY };
const ROW = {
  ...{ caller: 'key-1', client: 'curl', requests: 9, served: 8, unchanged: 0, refused: 1, addresses: 1 },
  ...{ firstMs: 1, lastMs: 2 },
};

const servers: FaultyServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function open(answer: Parameters<typeof startFixedLogs>[0], workspaceId?: string) {
  const server = await startFixedLogs(answer);
  servers.push(server);
  const reader: EvidenceReader = createConfigurationRequests(
    { workspaceId, settings: { resources: {} }, endpoints: { LOGS: server.origin } },
    AZURE_CLOUDS.public,
    {
      credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
      clock: fakeClock(),
    },
  );
  return { server, reader };
}

const HELD = () => ({ body: packed([{ kind: 'store-requests', window: 'incident', row: ROW }]) });

evidenceReaderContract('the log of App Configuration', { role: /missing role Log Analytics Reader/ }, async () => {
  const { server, reader } = await open(HELD);
  return {
    reader,
    request: REQUEST,
    others: [VAULT, { ...STORE, cloud: 'aws' }, { ...STORE, id: `${STORE.id}/replicas/one` }],
    fail: (fault) => {
      server.weather.next = () => fault;
    },
    asked: () => server.received.length,
    secrets: [TOKEN],
    close: async () => undefined,
  };
});

test('a store is asked for its own log, in one question', async () => {
  const { server, reader } = await open(HELD);
  expect(await reader.read(REQUEST)).toMatchObject([{ kind: 'store-requests', state: 'read', rows: [ROW] }]);
  expect(server.received.map(({ path }) => path)).toEqual([`/v1${STORE.id}/query`]);
});

test.each([
  [undefined, /az monitor diagnostic-settings create .*"category":"HttpRequest"/],
  ['w-1', /workspace w-1 holds no log of the store/],
])('a log that was never sent anywhere (workspace %s) is told to be turned on', async (workspaceId, expected) => {
  const { reader } = await open(() => ({ status: 204 }), workspaceId);
  expect(await reader.read(REQUEST)).toMatchObject([
    { state: 'unavailable', why: 'not-configured', nextStep: expect.stringMatching(expected) },
  ]);
});
