import { afterEach, describe, expect, test } from 'vitest';
import type { Known } from '../../../shared/evidence/known.ts';
import { compose } from '../../../shared/evidence/languages/compose.ts';
import type { Reading, Resource, Row } from '../../../shared/model.ts';
import { EVIDENCE_KINDS } from '../../../shared/registry.ts';
import type { GraphRecord, ResourceGraphServer } from '../../../simulation/servers/resource-graph.ts';
import { estateReader, OTHER_SUBSCRIPTION, resource, SUBSCRIPTION, startEstate } from '../adapters/azure/graph-kit.ts';

const APP = '2f56dff0-1111-2222-3333-444444444444';
const OBJECT = '9a1b77aa-1111-2222-3333-444444444444';
const OTHER = '7c0de5aa-1111-2222-3333-444444444444';
const VAULT: Resource = {
  cloud: 'azure',
  id: `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-shop`,
  name: 'kv-shop',
  type: 'microsoft.keyvault/vaults',
  scope: SUBSCRIPTION,
};
const WINDOW = { from: '2026-11-20T13:00:00.000Z', to: '2026-11-20T14:00:00.000Z' };
const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities';

const servers: ResourceGraphServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function ask(kind: string, tables: Record<string, GraphRecord[]>, known: Known = NOBODY): Promise<Row[]> {
  const server = await startEstate(tables);
  servers.push(server);
  const kinds = EVIDENCE_KINDS.filter((each) => each.kind === kind);
  const query = compose('resource-graph', kinds, { resource: VAULT, ...WINDOW, known });
  const [reading] = await estateReader(server.origin).read({ resource: VAULT, ...WINDOW, window: 'incident', query });
  return rowsOf(reading);
}

const NOBODY: Known = { identities: [], resources: [] };

function rowsOf(reading: Reading | undefined): Row[] {
  if (reading?.state === 'read') return reading.rows;
  throw new Error(JSON.stringify(reading));
}

describe('owners', () => {
  const vault = resource({ type: 'Microsoft.KeyVault/vaults', name: 'kv-shop', tags: { Team: 'platform' } });
  const group: GraphRecord = {
    ...resource({
      type: 'Microsoft.Resources/subscriptions/resourceGroups',
      name: 'rg-shop',
      tags: { owner: 'ana', team: 'shop' },
    }),
    resourceGroup: 'RG-Shop',
  };
  const identity = resource({
    type: IDENTITIES,
    name: 'id-shop',
    properties: { principalId: OBJECT, clientId: APP.toUpperCase() },
  });
  const function_ = resource({
    type: 'Microsoft.Web/sites',
    name: 'fn',
    subscription: OTHER_SUBSCRIPTION,
    identity: { principalId: OTHER },
  });
  const site = resource({
    type: 'Microsoft.Web/sites',
    name: 'Shop-API',
    tags: { OWNER: 'ben' },
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: { [identity.id]: { principalId: OBJECT, clientId: APP } },
    },
  });
  const tables = { resources: [vault, identity, function_, site], resourcecontainers: [group] };

  test('are the resources whose own identity it is, that were given it, and the identity, with tags or those of the group', async () => {
    const rows = await ask('owners', tables, { identities: [APP, OBJECT, OTHER], resources: [] });
    expect(rows.map(({ asked, how, name, owner, team }) => [asked, how, name, owner, team])).toEqual([
      [vault.id.toLowerCase(), 'self', 'kv-shop', 'ana', 'platform'],
      [APP, 'assigned', 'id-shop', 'ana', 'shop'],
      [APP, 'uses', 'Shop-API', 'ben', 'shop'],
      [OTHER, 'system', 'fn', '', ''],
      [OBJECT, 'assigned', 'id-shop', 'ana', 'shop'],
      [OBJECT, 'uses', 'Shop-API', 'ben', 'shop'],
    ]);
    expect(rows[2]).toMatchObject({
      resource: site.id.toLowerCase(),
      type: 'microsoft.web/sites',
      location: 'westeurope',
      resourceGroup: 'rg-shop',
    });
  });

  test('without any caller are the watched resource alone, though resources without identity are many', async () => {
    expect((await ask('owners', tables)).map(({ how, name }) => [how, name])).toEqual([['self', 'kv-shop']]);
  });

  test('of an application that is no managed identity are nobody', async () => {
    expect(await ask('owners', { resources: [] }, { identities: [APP], resources: [] })).toEqual([]);
  });
});

describe('changes', () => {
  const change = (at: string, target: string, given: Record<string, unknown> = {}): GraphRecord => ({
    subscriptionId: SUBSCRIPTION,
    properties: {
      targetResourceId: target,
      changeType: 'Update',
      changeAttributes: {
        timestamp: at,
        changedBy: 'ana@contoso.com',
        changedByType: 'User',
        clientType: 'Azure Portal',
        operation: 'Microsoft.Web/sites/write',
      },
      changes: { 'properties.siteConfig.alwaysOn': { newValue: 'a secret' }, 'tags.build': { newValue: '7' } },
      ...given,
    },
  });
  const site = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-shop/providers/microsoft.web/sites/shop-api`;

  test('are those of the watched resource and its callers, from a day before the window to its end, without values', async () => {
    const rows = await ask(
      'changes',
      {
        resourcechanges: [
          change('2026-11-19T13:00:00Z', VAULT.id.toUpperCase()),
          change('2026-11-19T12:59:59Z', VAULT.id),
          change('2026-11-20T13:59:59.123Z', site, {
            changes: {},
            changeType: 'Delete',
            changeAttributes: { timestamp: '2026-11-20T13:59:59.123Z' },
          }),
          change('2026-11-20T14:00:00Z', site),
          change('2026-11-20T13:30:00Z', `${site}-2`),
        ],
      },
      { identities: [], resources: [site] },
    );
    expect(rows).toEqual([
      {
        ...{ resource: site, atMs: Date.parse('2026-11-20T13:59:59.123Z'), change: 'Delete' },
        ...{ actor: '', actorType: '', client: '', operation: '', properties: '' },
      },
      {
        ...{ resource: VAULT.id, atMs: Date.parse('2026-11-19T13:00:00Z'), change: 'Update', actor: 'ana@contoso.com' },
        ...{ actorType: 'User', client: 'Azure Portal', operation: 'Microsoft.Web/sites/write' },
        properties: 'properties.siteConfig.alwaysOn, tags.build',
      },
    ]);
  });
});

describe('events of the provider', () => {
  const event = (given: Record<string, unknown>, subscription = SUBSCRIPTION): GraphRecord => ({
    subscriptionId: subscription,
    type: 'Microsoft.ResourceHealth/events',
    properties: {
      ...{ EventType: 'ServiceIssue', Status: 'Active', TrackingId: 'ABCD-123', Title: 'Errors' },
      ImpactStartTime: '2026-11-20T12:00:00Z',
      Impact: [
        {
          ImpactedService: 'Key Vault',
          ImpactedRegions: [{ ImpactedRegion: 'West Europe' }, { ImpactedRegion: 'Global' }],
        },
        { ImpactedService: 'Storage', ImpactedRegions: [{ ImpactedRegion: 'East US' }] },
      ],
      ...given,
    },
  });

  test('are a row for each service and region', async () => {
    const rows = await ask('platform', {
      servicehealthresources: [event({ ImpactMitigationTime: '2026-11-20T15:00:00Z' })],
    });
    expect(rows.map(({ service, region }) => [service, region])).toEqual([
      ['Key Vault', 'Global'],
      ['Key Vault', 'West Europe'],
      ['Storage', 'East US'],
    ]);
    expect(rows[0]).toMatchObject({
      ...{ trackingId: 'ABCD-123', eventType: 'ServiceIssue', status: 'Active', title: 'Errors' },
      startedMs: Date.parse('2026-11-20T12:00:00Z'),
      mitigatedMs: Date.parse('2026-11-20T15:00:00Z'),
    });
  });

  test('name the resource where it is listed as affected', async () => {
    const affected = (of: string, id = VAULT.id): GraphRecord => ({
      subscriptionId: SUBSCRIPTION,
      id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ResourceHealth/events/${of}/impactedResources/1f`,
      type: 'microsoft.resourcehealth/events/impactedresources',
      properties: { targetResourceId: id, targetResourceType: 'Microsoft.KeyVault/vaults' },
    });
    const impact = [{ ImpactedService: 'Key Vault', ImpactedRegions: [{ ImpactedRegion: 'West Europe' }] }];
    const rows = await ask('platform', {
      servicehealthresources: [
        ...['ABCD-123', 'EFGH-456', 'IJKL-789'].map((TrackingId) => event({ TrackingId, Impact: impact })),
        ...[affected('ABCD-123', VAULT.id.toUpperCase()), affected('ABCD-123'), affected('EFGH-456', `${VAULT.id}-2`)],
      ],
    });
    expect(rows.map(({ trackingId, named }) => [trackingId, named])).toEqual([
      ['ABCD-123', true],
      ['EFGH-456', false],
      ['IJKL-789', false],
    ]);
  });

  test.each<[string, GraphRecord, number]>([
    ['open, whenever it began', event({ ImpactStartTime: '2026-10-01T12:00:00Z' }), 3],
    ['open, where it is not said for whom', event({ Impact: [] }), 0],
    ['that begins when the window ends', event({ ImpactStartTime: '2026-11-20T14:00:00Z' }), 0],
    [
      'over for an hour when the window began',
      event({ Status: 'Resolved', ImpactMitigationTime: '2026-11-20T12:00:00Z' }),
      3,
    ],
    ['over for longer', event({ Status: 'Resolved', ImpactMitigationTime: '2026-11-20T11:59:59Z' }), 0],
    ['that is only advice', event({ EventType: 'HealthAdvisory' }), 0],
    ['in another subscription', event({}, OTHER_SUBSCRIPTION), 0],
    ['of another type', { ...event({}), type: 'microsoft.resourcehealth/events/impactedresources' }, 0],
  ])('%s is or is not told', async (_what, record, count) => {
    expect(await ask('platform', { servicehealthresources: [record] })).toHaveLength(count);
  });
});
