import { describe, expect, test } from 'vitest';
import { metricSeries } from '../../../../shared/evidence/metric-series.ts';
import { results } from '../../../../shared/evidence/results.ts';
import type { Signal } from '../../../../shared/model.ts';
import { evidenceReaderContract } from '../../../contract/evidence-reader.ts';
import {
  answered,
  FROM_MS,
  requestOf,
  rowsAt,
  settingForTest,
  startMetricsSetting,
  TOKEN,
  told,
  VAULT,
} from './metrics-kit.ts';

const setting = settingForTest();

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
