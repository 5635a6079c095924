import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createArmClient } from '../../../../shared/adapters/azure/arm.ts';
import { createEstateReader } from '../../../../shared/adapters/azure/estate.ts';
import { READER_ACTIONS } from '../../../../shared/adapters/azure/reader-actions.ts';
import { createResourceGraph } from '../../../../shared/adapters/azure/resource-graph-client.ts';
import type { Clock } from '../../../../shared/ports.ts';
import type { AzureEstateServer } from '../../../../simulation/servers/azure-estate.ts';
import { seededRandom } from '../../../kit.ts';
import { giveRole, READER, regionRule, startSmallEstate, VAULT_TYPE } from './estate-kit.ts';
import { resource, SUBSCRIPTION } from './graph-kit.ts';

const MANY = '00000000-0000-0000-0000-000000000009';

let server: AzureEstateServer;
let sleptMs: number;

beforeEach(async () => {
  server = await startSmallEstate();
  sleptMs = 0;
});
afterEach(() => server.close());

function readerOf() {
  let nowMs = Date.parse('2026-11-20T14:00:00.000Z');
  const clock: Clock = {
    now: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
      sleptMs += ms;
    },
  };
  const credential = { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const host = { url: server.origin, scope: 'arm' };
  const arm = createArmClient({ host, credential, calls: { clock, random: seededRandom(1) } });
  return createEstateReader({ arm, graph: createResourceGraph({ arm, clock }), clock });
}

describe('an estate of 500 vaults', () => {
  beforeEach(() => {
    const vaults = Array.from({ length: 500 }, (_, n) =>
      resource({ type: VAULT_TYPE, name: `kv-${String(n).padStart(3, '0')}`, subscription: MANY }),
    );
    server.readable.add(MANY);
    server.tables.get('resources')?.push(...vaults);
  });
  const request = { scopes: [`/subscriptions/${MANY}`], reader: READER, actions: READER_ACTIONS };

  test('is listed whole, with one question each and a few besides, no faster than Azure serves', async () => {
    const { resources, truncated, unread } = await readerOf().read(request);
    expect([resources.length, truncated, unread]).toEqual([500, false, []]);
    expect(new Set(resources.map(({ id }) => id)).size).toBe(500);
    expect(server.received.length).toBeLessThanOrEqual(510);
    // 200 at once, then 20 a second: virtual time.
    expect(sleptMs).toBeGreaterThanOrEqual(15_000);
  });

  test('is listed whole where Azure refuses now and then, and waits as long as it is told', async () => {
    let nth = 0;
    server.weather.next = ({ method }) => {
      nth += 1;
      return method === 'GET' && nth % 50 === 0 ? { status: 429, headers: { 'retry-after': '2' } } : undefined;
    };
    const { resources, unread } = await readerOf().read(request);
    expect([resources.filter(({ audit }) => audit === null), unread]).toEqual([[], []]);
    expect(sleptMs).toBeGreaterThanOrEqual(20_000);
  });

  test('has its rules read page by page', async () => {
    for (let n = 0; n < 250; n += 1) server.metricAlerts.push(regionRule(`rule-${n}`, 'westeurope', MANY));
    expect((await readerOf().read(request)).rules).toHaveLength(250);
  });
});

test('the reader is found by its name, and a role on a part of a subscription is not one on all of it', async () => {
  server.roleAssignments.length = 0;
  giveRole(server, SUBSCRIPTION, ['Microsoft.Insights/*', 'Microsoft.AlertsManagement/*', 'Microsoft.Resources/*']);
  const [first] = server.roleAssignments;
  const scope = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-shop`;
  if (first !== undefined) server.roleAssignments.push({ ...first, scope });
  server.roleDefinitions.set('/all', { actions: ['*'] });
  server.roleAssignments.push({ principalId: READER, scope, roleDefinitionId: '/all' });
  const { reader, roles } = await readerOf().read({
    scopes: [`/subscriptions/${SUBSCRIPTION}`],
    actions: READER_ACTIONS,
  });
  expect(reader).toBe(READER);
  expect(roles[0]?.missing).toContain('*/read');
  expect(roles[0]?.missing).not.toContain('Microsoft.Insights/metrics/read');
});

test('a management group without a subscription that may be read is refused, not taken for everything', async () => {
  server.managementGroups.set('mg-empty', []);
  server.readable.add('00000000-0000-0000-0000-000000000008');
  server.managementGroups.set('mg-bare', ['00000000-0000-0000-0000-000000000008']);
  const read = (managementGroup: string) => readerOf().read({ scopes: [], managementGroup, actions: [] });
  await expect(read('mg-empty')).rejects.toMatchObject({ kind: 'denied' });
  await expect(read('mg-bare')).rejects.toMatchObject({
    kind: 'not-found',
    nextStep: expect.stringContaining('Reader'),
  });
});

test('a scope may be one resource: its neighbours are not listed', async () => {
  const id = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-shop`;
  const { resources } = await readerOf().read({ scopes: [id], actions: [] });
  expect(resources.map(({ name }) => name)).toEqual(['kv-shop']);
});
