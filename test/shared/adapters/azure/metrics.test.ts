import { afterEach, describe, expect, test } from 'vitest';
import { createAzureMetrics } from '../../../../shared/adapters/azure/metrics.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import { metricSeries } from '../../../../shared/evidence/metric-series.ts';
import { results } from '../../../../shared/evidence/results.ts';
import { seriesRow } from '../../../../shared/evidence/series-row.ts';
import { siblings } from '../../../../shared/evidence/siblings.ts';
import type { Reading, Row, Signal } from '../../../../shared/model.ts';
import type { Fault } from '../../../../simulation/servers/faulty-server.ts';
import { createRoutedHttpClient } from '../../../../simulation/servers/routed-http-client.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import { seededRandom } from '../../../kit.ts';
import {
  answered,
  FROM_MS,
  hastyClock,
  type MetricsSetting,
  metricsReader,
  requestOf,
  startMetricsSetting,
  TO,
  TOKEN,
  VAULT,
  vaultId,
} from './metrics-kit.ts';

const open: MetricsSetting[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

async function setting(now?: string): Promise<MetricsSetting> {
  const one = await startMetricsSetting(now);
  open.push(one);
  return one;
}

evidenceReaderContract(
  'Azure Monitor metrics',
  { role: /missing role Monitoring Reader on \/subscriptions\/1111/, triesWhenDead: 3 },
  async () => {
    const { server, reader } = await startMetricsSetting();
    server.samples.push(...answered(200, 1, 5));
    return {
      reader,
      request: requestOf([results]),
      others: [
        { ...VAULT, cloud: 'aws' },
        { ...VAULT, id: '/subscriptions/11111111-1111-1111-1111-111111111111' },
        { ...VAULT, id: 'azure:scope:rule' },
      ],
      fail: (fault) => {
        server.weather.next = () => fault;
      },
      asked: () => server.received.length,
      secrets: [TOKEN],
      close: () => server.close(),
    };
  },
);

async function rowsAt({ reader }: MetricsSetting, window: Reading['window'] = 'incident'): Promise<Row[]> {
  const readings = await reader.read(requestOf([results]));
  const reading = readings.find((one) => one.window === window);
  if (reading?.state !== 'read') throw new Error(`not read: ${JSON.stringify(reading)}`);
  for (const row of reading.rows) seriesRow.parse(row);
  return reading.rows;
}

function told(rows: readonly Row[]): Record<string, unknown> {
  return Object.fromEntries(rows.map(({ metric, split, perMinute }) => [`${metric} ${split}`, perMinute]));
}

describe('what a vault counts', () => {
  test('is told by minute and status, beside all that was asked of it', async () => {
    const one = await setting('2026-11-20T13:04:00.000Z');
    one.server.samples.push(...answered(200, 0, 40), ...answered(200, 2, 60), ...answered(429, 2, 25));
    const rows = await rowsAt(one);
    expect(told(rows)).toEqual({
      'ServiceApiResult 200': [40, 0, 60],
      'ServiceApiResult 429': [0, 0, 25],
      'ServiceApiHit null': [40, 0, 85],
    });
    expect(rows[0]).toMatchObject({ resource: VAULT.id, fromMinute: FROM_MS / 60_000, given: [1, 0, 1] });
  });

  test('is asked for by status only where the metric has one, and by the minute', async () => {
    const one = await setting();
    await rowsAt(one);
    const asked = one.server.received
      .filter(({ method }) => method === 'POST')
      .map(({ path }) => new URL(path, 'http://x'));
    expect(asked).toHaveLength(6);
    for (const { searchParams } of asked) {
      const byStatus = searchParams.get('metricnames') === 'ServiceApiResult';
      expect(searchParams.get('filter')).toBe(byStatus ? "StatusCode eq '*'" : null);
      expect(searchParams.get('interval')).toBe('PT1M');
      expect(searchParams.get('aggregation')).toBe('count');
      expect(searchParams.get('metricnamespace')).toBe('microsoft.keyvault/vaults');
    }
    expect(new Set(asked.map(({ searchParams }) => searchParams.get('starttime')))).toEqual(
      new Set(['2026-11-20T13:00:00.000Z', '2026-11-19T13:00:00.000Z', '2026-11-13T13:00:00.000Z']),
    );
  });

  test('comes late and out of order: what has not arrived is no silence', async () => {
    const one = await setting('2026-11-20T13:05:00.000Z');
    const late = (minute: number, lateMs: number) =>
      answered(200, minute, 10 + minute).map((sample) => ({ ...sample, arrivesAtMs: sample.atMs + lateMs }));
    one.server.samples.push(...late(0, 0), ...late(1, 180_000), ...late(2, 60_000), ...late(4, 150_000));
    expect(told(await rowsAt(one))).toMatchObject({ 'ServiceApiResult 200': [10, 11, 12] });
    one.clock.advance(120_000);
    expect(told(await rowsAt(one))).toMatchObject({ 'ServiceApiResult 200': [10, 11, 12, 0, 14] });
  });

  test('may be given as nothing before it has arrived, which is not believed while it is young', async () => {
    const one = await setting('2026-11-20T13:10:00.000Z');
    one.server.nullAsZero = true;
    one.server.samples.push(...answered(200, 1, 9));
    expect(told(await rowsAt(one))).toMatchObject({ 'ServiceApiResult 200': [0, 9, 0, 0, 0] });
  });

  test('of another day is settled and asked for once in an hour', async () => {
    const one = await setting();
    one.server.samples.push(
      ...answered(200, 3, 7).map((sample) => ({ ...sample, atMs: sample.atMs - 86_400_000 })),
      ...answered(200, 3, 8),
    );
    expect(told(await rowsAt(one, 'day-before'))).toMatchObject({
      'ServiceApiResult 200': Array(30).fill(0).with(3, 7),
    });
    const before = one.server.received.length;
    await rowsAt(one);
    expect(one.server.received.length - before).toBe(2);
    one.clock.advance(3_600_001);
    await rowsAt(one);
    expect(one.server.received.length - before).toBeGreaterThan(6);
  });

  test('is nothing at all where nothing was asked of it', async () => {
    expect(await rowsAt(await setting())).toEqual([]);
  });
});

describe('a service in trouble', () => {
  test.each<[string, Fault[]]>([
    ['cuts a connection', [{ cut: 'before' }]],
    ['asks for a second, and says so', [{ status: 429, headers: { 'retry-after': '1' } }]],
    ['asks for time, and does not say how much', [{ status: 429 }]],
    ['fails once or twice', [{ status: 503 }, { status: 500 }]],
  ])('that %s is asked again', async (_what, faults) => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    one.server.faults.push(...faults);
    expect(told(await rowsAt(one))).toMatchObject({ 'ServiceApiHit null': [1, ...Array(24).fill(0)] });
  });

  test('that gives one metric and fails at another gives what it has, and is told to be cut', async () => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    one.server.broken.add('ServiceApiHit');
    const [reading] = await one.reader.read(requestOf([results]));
    expect(reading).toMatchObject({ state: 'read', truncated: true, rows: [{ metric: 'ServiceApiResult' }] });
  });

  test('that fails at all of them was not read', async () => {
    const one = await setting();
    one.server.broken.add('ServiceApiHit').add('ServiceApiResult');
    const [reading] = await one.reader.read(requestOf([results]));
    expect(reading).toMatchObject({ state: 'unavailable', why: 'unreachable' });
  });

  test.each([['{"values":[{}]}'], ['{"values":[{"value":[{}]}]}'], ['[]'], ['null'], ['no json'], ['']])(
    'that answers %s is not understood, and nothing is thrown',
    async (body) => {
      const one = await setting();
      one.server.weather.next = ({ method }) =>
        method === 'POST' ? { status: 200, headers: { 'content-type': 'application/json' }, body } : undefined;
      for (const reading of await one.reader.read(requestOf([results])))
        if (reading.state === 'unavailable') expect(reading.why).toMatch(/^(unsupported|unreachable)$/);
        else expect(reading.rows).toEqual([]);
    },
  );

  test('that hangs after it took the request is given up and asked again', async () => {
    const one = await setting();
    one.server.samples.push(...answered(200, 0, 1));
    await rowsAt(one);
    const stop = new AbortController();
    one.server.weather.next = () => ({ hang: 'after' });
    const reading = one.reader.read(requestOf([results]), stop.signal);
    setImmediate(() => stop.abort());
    expect((await reading)[0]).toMatchObject({ state: 'unavailable', why: 'timed-out' });
  });
});

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

test("an alert's own metric is read as its rule selects it", async () => {
  const one = await setting('2026-11-20T13:05:00.000Z');
  one.server.samples.push(...answered(429, 1, 12), ...answered(200, 1, 50));
  const signal: Signal = {
    metric: 'ServiceApiResult',
    namespace: 'Microsoft.KeyVault/vaults',
    aggregation: 'Total',
    dimensions: { StatusCode: '429', ResourceId: VAULT.id },
  };
  const [reading] = await one.reader.read(requestOf([metricSeries], { signals: [signal] }));
  expect(reading).toMatchObject({
    kind: 'metric-series',
    state: 'read',
    rows: [{ resource: VAULT.id, metric: 'ServiceApiResult', split: null, perMinute: [0, 12], given: [0, 1] }],
  });
});
