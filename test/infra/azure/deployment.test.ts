import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { textOf, type Value } from '../../../infra/azure/bicep.ts';
import { readFolder } from '../../../infra/azure/check.ts';
import { readConfig } from '../../../shared/config.ts';
import { deployMain, WATCHED } from './deployed.ts';
import { asFields, type Deployed } from './evaluate.ts';

const FOLDER = resolve(import.meta.dirname, '../../../infra/azure');

let deployed: Deployed[];
beforeAll(async () => {
  deployed = await deployMain();
});

describe('the whole deployment', () => {
  test('gives the app a configuration without problems', () => {
    const app = deployed.find(({ symbol }) => symbol === 'app');
    const settings = listOfSettings(asFields(asFields(app?.body['properties'])['siteConfig'])['appSettings']);
    expect(problemsOf(settings)).toEqual([]);
  });

  test('gives it one that performs actions where they are on, with an identity and a store of levers of their own', async () => {
    const acting = await deployMain({ actions: true, bot: true });
    const app = acting.find(({ symbol }) => symbol === 'app');
    const settings = listOfSettings(asFields(asFields(app?.body['properties'])['siteConfig'])['appSettings']);
    expect(Object.keys(settings)).toEqual(
      expect.arrayContaining([
        'HEADROOM_ACTIONS',
        'HEADROOM_ACTOR_CLIENT_ID',
        'HEADROOM_LEVERS_ENDPOINT',
        'HEADROOM_TEAMS_APP_ID',
      ]),
    );
    expect(problemsOf(settings)).toEqual([]);
    const identities = (from: readonly Deployed[]) =>
      from.filter(({ type }) => type.startsWith('Microsoft.ManagedIdentity/')).map(({ symbol }) => symbol);
    expect([identities(deployed), identities(acting)]).toEqual([['reader'], ['reader', 'actor']]);
  });

  test('knows no shared key, and keeps one instance ready for HTTP and one for the worker', () => {
    const account = asFields(deployed.find(({ symbol }) => symbol === 'account')?.body['properties']);
    expect(account).toMatchObject({
      allowSharedKeyAccess: false,
      minimumTlsVersion: 'TLS1_2',
      allowBlobPublicAccess: false,
    });
    const app = asFields(deployed.find(({ symbol }) => symbol === 'app')?.body['properties']);
    expect(app['functionAppConfig']).toMatchObject({
      runtime: { name: 'node', version: '24' },
      scaleAndConcurrency: {
        alwaysReady: [
          { name: 'http', instanceCount: 1 },
          { name: 'function:work', instanceCount: 1 },
        ],
      },
    });
    for (const store of deployed.filter(({ type }) =>
      type.startsWith('Microsoft.AppConfiguration/configurationStores@'),
    ))
      expect(store.body['properties']).toMatchObject({ disableLocalAuth: true });
  });

  test('calls Headroom in the common schema, with the token in the address or a token of Entra, never with a key of the host', async () => {
    const webhooks = (from: readonly Deployed[]) =>
      asFields(from.find(({ symbol }) => symbol === 'headroomGroup')?.body['properties'])['webhookReceivers'];
    expect(webhooks(deployed)).toEqual([
      {
        name: 'headroom',
        serviceUri: expect.stringMatching(/\/api\/alerts\/azure\?token=a-long/),
        useCommonAlertSchema: true,
      },
    ]);
    const secured = await deployMain({
      entraWebhook: { objectId: 'o', identifierUri: 'api://headroom', clientId: 'c' },
      secondReceiverUri: 'https://second.example/api/alerts/azure?token=y',
    });
    expect(webhooks(secured)).toEqual([
      {
        name: 'headroom',
        serviceUri: expect.stringMatching(/\/api\/alerts\/azure$/),
        useCommonAlertSchema: true,
        useAadAuth: true,
        objectId: 'o',
        identifierUri: 'api://headroom',
        tenantId: '<tenant>',
      },
      { name: 'second', serviceUri: 'https://second.example/api/alerts/azure?token=y', useCommonAlertSchema: true },
    ]);
    expect(JSON.stringify([deployed, secured])).not.toMatch(/[?&]code=|listKeys|functionAppResourceId/);
  });

  test('closes stores, vault and configuration in private mode, each behind an endpoint with a name', async () => {
    const closed = await deployMain({ privateNetwork: true });
    const access = closed.flatMap(({ body }) => asFields(body['properties'])['publicNetworkAccess'] ?? []);
    expect(access).toEqual(['Disabled', 'Disabled', 'Disabled']);
    const zones = closed.filter(({ symbol }) => symbol === 'zones').map(({ body }) => body['name']);
    expect(zones).toEqual([
      'privatelink.blob.core.windows.net',
      'privatelink.queue.core.windows.net',
      'privatelink.table.core.windows.net',
      'privatelink.vaultcore.azure.net',
      'privatelink.azconfig.io',
    ]);
    for (const symbol of ['links', 'privateEndpoints', 'zoneGroups'])
      expect(
        closed.filter((one) => one.symbol === symbol),
        symbol,
      ).toHaveLength(zones.length);
  });

  test('assigns no role in a subscription whose management group has it, and all else as before', async () => {
    const without = await deployMain({ assignRoles: false });
    const kinds = (from: readonly Deployed[]) => from.map(({ type, symbol }) => `${type} ${symbol}`);
    expect(kinds(deployed).filter((kind) => !kinds(without).includes(kind))).toEqual([
      'Microsoft.Authorization/roleDefinitions@2022-04-01 readerRole',
      'Microsoft.Authorization/roleDefinitions@2022-04-01 inventoryRole',
      'Microsoft.Authorization/roleAssignments@2022-04-01 looksAround',
    ]);
  });

  test('brings no second set of rules and policies where another installation has them, and can still read all', async () => {
    const second = await deployMain({ name: 'headroom2', alertRules: false });
    const inWatched = (from: readonly Deployed[]) => from.filter(({ subscriptionId }) => subscriptionId === WATCHED);
    expect(inWatched(second).map(({ symbol }) => symbol)).toEqual([
      'readerRole',
      'reads',
      'inventoryRole',
      'looksAround',
    ]);
    expect(inWatched(deployed).length).toBeGreaterThan(20);
    expect(second.filter(({ type }) => type.includes('/metricAlerts@')).map(({ symbol }) => symbol)).toEqual([
      'canary',
    ]);
  });

  test('lets everyone reach the app, since it checks each caller, or those alone that are named', async () => {
    const restrictionsOf = (from: readonly Deployed[]) => {
      const app = asFields(from.find(({ symbol }) => symbol === 'app')?.body['properties']);
      const { ipSecurityRestrictions, ipSecurityRestrictionsDefaultAction } = asFields(app['siteConfig']);
      return [ipSecurityRestrictionsDefaultAction, ipSecurityRestrictions];
    };
    expect(restrictionsOf(deployed)).toEqual(['Allow', []]);
    const narrowed = await deployMain({ allowedCallers: ['ActionGroup', '203.0.113.0/24'] });
    expect(restrictionsOf(narrowed)).toEqual([
      'Deny',
      [
        { name: 'caller0', priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'ActionGroup' },
        { name: 'caller1', priority: 101, action: 'Allow', tag: 'Default', ipAddress: '203.0.113.0/24' },
      ],
    ]);
  });

  test('refers from App Configuration to the vault by the keys that the product reads', async () => {
    const referring = await deployMain({ referencedSecrets: ['HEADROOM_PAGERDUTY_ROUTING_KEY'] });
    const [reference] = referring.filter(({ symbol }) => symbol === 'reference');
    expect(reference?.body['name']).toBe('headroom~3Aconfig~3ApagerdutyRoutingKey');
    expect(reference?.body['properties']).toEqual({
      value: '{"uri":"<vault.outputs.uri>secrets/pagerduty-routing-key"}',
      contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
    });
  });
});

describe('a pair of installations in two regions', () => {
  // Azure refuses a deployment of a subscription that has the name of one in another region (InvalidDeploymentLocation).
  test('deploys nothing to a subscription under the same name', async () => {
    const files = [...(await readFolder(FOLDER)).values()].filter(({ root }) =>
      root.text.includes("targetScope = 'subscription'"),
    );
    const names = files.flatMap(({ modules }) =>
      modules.map(({ body }) => textOfMember(body, 'scope') === 'group' || textOfMember(body, 'name')),
    );
    const ofSubscriptions = names.filter((name) => name !== true);
    expect(ofSubscriptions.length).toBeGreaterThan(2);
    for (const name of ofSubscriptions) expect(name).toMatch(/\$\{name\}/);
  });
});

/** What the product finds wrong with these settings. */
function problemsOf(settings: Record<string, string>): unknown[] {
  const result = readConfig({ cloud: 'azure', environment: asResolved(settings), settings: {}, appConfiguration: {} });
  return result.ok ? [] : result.problems;
}

/** As the platform hands them to the app: references resolved, outputs in place. */
function asResolved(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      value
        .replace(/^@Microsoft\.KeyVault.*$/, 'resolved')
        .replace(/^<identity\.outputs\.actorClientId>$/, '2d9c1f7a-5b1e-4c55-8f0e-7a1d3f0c9b21')
        .replace(/^<tenant>$|^<identity\..*ClientId>$/, '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11')
        .replace(/^<stores\.outputs\.(\w+)Endpoint>$/, 'https://$1.azconfig.io')
        .replace(/<[^>]*>/, 'sample'),
    ]),
  );
}

function listOfSettings(value: unknown): Record<string, string> {
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(value.map((one) => [String(asFields(one)['name']), String(asFields(one)['value'])]));
}

/** A member of a module's body as it is written; of each of many where it is a loop. */
function textOfMember(body: Value, name: string): string {
  const one = body.kind === 'loop' ? body.body : body;
  const value = one.kind === 'object' ? one.properties.find((property) => property.name === name)?.value : undefined;
  return value === undefined
    ? ''
    : value.kind === 'literal'
      ? String(value.value)
      : 'node' in value
        ? textOf(value.node)
        : '';
}
