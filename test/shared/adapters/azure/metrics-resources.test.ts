import { describe, expect, test } from 'vitest';
import { createAzureMetrics } from '../../../../shared/adapters/azure/metrics.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import { results } from '../../../../shared/evidence/results.ts';
import { siblings } from '../../../../shared/evidence/siblings.ts';
import { createRoutedHttpClient } from '../../../../simulation/servers/routed-http-client.ts';
import { seededRandom } from '../../../kit.ts';
import {
  answered,
  hastyClock,
  type MetricsSetting,
  metricsReader,
  requestOf,
  settingForTest,
  TO,
  TOKEN,
  VAULT,
  vaultId,
} from './metrics-kit.ts';

const setting = settingForTest();

describe('a resource', () => {
  test('that the identity does not see needs a role, or is gone', async () => {
    const one = await setting();
    one.server.resources.length = 0;
    const [reading] = await one.reader.read(requestOf([results]));
    expect(reading).toMatchObject({
      why: 'not-configured',
      nextStep: expect.stringContaining('Monitoring Reader on /subscriptions/11111111-1111-1111-1111-111111111111'),
    });
  });

  test('is asked for at the host of its region, with a token for that service', async () => {
    const { server } = await setting();
    server.samples.push(...answered(200, 0, 3));
    const hosts: string[] = [];
    const scopes: (string | string[])[] = [];
    const routed = createRoutedHttpClient({
      'management.azure.com': server.origin,
      'westeurope.metrics.monitor.azure.com': server.origin,
    });
    const reader = createAzureMetrics({ endpoints: {} }, AZURE_CLOUDS.public, {
      credential: {
        getToken: async (scope) => {
          scopes.push(scope);
          return { token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
        },
      },
      clock: hastyClock(TO),
      random: seededRandom(1),
      http: {
        sendRequest(request) {
          hosts.push(new URL(request.url).host);
          return routed.sendRequest(request);
        },
      },
    });
    expect((await reader.read(requestOf([results])))[0]).toMatchObject({ state: 'read' });
    expect(new Set(hosts)).toEqual(new Set(['management.azure.com', 'westeurope.metrics.monitor.azure.com']));
    expect(new Set(scopes)).toEqual(
      new Set(['https://management.azure.com/.default', 'https://metrics.monitor.azure.com/.default']),
    );
  });

  test('is listed once in ten minutes, and again when it is new', async () => {
    const { server, clock } = await setting();
    const reader = metricsReader(server, clock);
    const lists = () => server.received.filter(({ method }) => method === 'GET').length;
    await reader.read(requestOf([results]));
    await reader.read(requestOf([results]));
    expect(lists()).toBe(1);
    const added = { ...VAULT, id: vaultId('kv-new'), name: 'kv-new' };
    server.resources.push({ id: vaultId('KV-new'), type: 'Microsoft.KeyVault/vaults', location: 'West Europe' });
    await reader.read(requestOf([results], { resource: added }));
    expect(lists()).toBe(2);
    clock.advance(600_001);
    await reader.read(requestOf([results]));
    expect(lists()).toBe(3);
  });
});

describe('the siblings of a vault', () => {
  async function withSiblings(count: number): Promise<MetricsSetting> {
    const one = await setting();
    for (let nth = 1; nth <= count; nth += 1)
      one.server.resources.push({
        id: vaultId(`kv-${nth}`),
        type: VAULT.type,
        location: nth % 10 === 0 ? 'northeurope' : 'westeurope',
      });
    one.server.samples.push(...answered(200, 0, 5), ...answered(429, 0, 2, 'kv-77'), ...answered(200, 0, 9, 'kv-10'));
    return one;
  }

  test('are all of its region and subscription, fifty in one request', async () => {
    const { server, reader } = await withSiblings(120);
    server.resources.push({ id: vaultId('kv-x').replace('1111-', '2222-'), type: VAULT.type, location: 'westeurope' });
    const [reading] = await reader.read(requestOf([siblings]));
    expect(reading).toMatchObject({
      state: 'read',
      truncated: false,
      rows: [
        { resource: VAULT.id, split: '200', perMinute: [5, ...Array(24).fill(0)] },
        { resource: vaultId('kv-77'), split: '429', perMinute: [2, ...Array(24).fill(0)] },
      ],
    });
    const asked = server.received
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body).resourceids.length);
    expect(asked.sort()).toEqual([50, 50, 9]);
  });

  test('are at most two hundred', async () => {
    const { server, reader } = await withSiblings(300);
    const [reading] = await reader.read(requestOf([siblings]));
    expect(reading).toMatchObject({ state: 'read' });
    const asked = server.received
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body).resourceids.length);
    expect(asked).toEqual([50, 50, 50, 50]);
  });
});
