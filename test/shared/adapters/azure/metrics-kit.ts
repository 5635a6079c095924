import { afterEach } from 'vitest';
import { createAzureMetrics } from '../../../../shared/adapters/azure/metrics.ts';
import { AZURE_CLOUDS } from '../../../../shared/config/clouds.ts';
import type { EvidenceKind } from '../../../../shared/evidence/kind.ts';
import { compose } from '../../../../shared/evidence/languages/compose.ts';
import { results } from '../../../../shared/evidence/results.ts';
import { seriesRow } from '../../../../shared/evidence/series-row.ts';
import type { Reading, Resource, Row, Signal } from '../../../../shared/model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../../../shared/ports.ts';
import { type AzureMetricsServer, startAzureMetrics } from '../../../../simulation/servers/azure-metrics.ts';
import { type FakeClock, fakeClock, seededRandom } from '../../../kit.ts';

export const TOKEN = 'a-token-of-the-test';
const SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111';
export const VAULT: Resource = {
  cloud: 'azure',
  id: vaultId('kv-shop'),
  name: 'kv-shop',
  type: 'microsoft.keyvault/vaults',
  scope: '11111111-1111-1111-1111-111111111111',
};
const FROM = '2026-11-20T13:00:00.000Z';
export const TO = '2026-11-20T13:30:00.000Z';
export const FROM_MS = Date.parse(FROM);

export function vaultId(name: string): string {
  return `${SUBSCRIPTION}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/${name}`;
}

/** A clock on which each wait ends at once, and time is what was waited. */
export function hastyClock(start: string): FakeClock {
  const still = fakeClock(start);
  return {
    ...still,
    sleep: async (ms) => {
      void still.sleep(ms).catch(() => undefined);
      still.advance(ms);
    },
  };
}

export type MetricsSetting = { server: AzureMetricsServer; clock: FakeClock; reader: EvidenceReader };

/** The watched vault alone, at the end of the window that is asked for, unless told otherwise. */
export async function startMetricsSetting(now = TO): Promise<MetricsSetting> {
  const clock = hastyClock(now);
  const server = await startAzureMetrics({ now: () => clock.now() });
  server.resources.push({ id: vaultId('kv-shop'), type: VAULT.type, location: 'westeurope' });
  return { server, clock, reader: metricsReader(server, clock) };
}

/** Opens settings for the tests of a file, which are closed after each test. */
export function settingForTest(): (now?: string) => Promise<MetricsSetting> {
  const open: MetricsSetting[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ server }) => server.close()));
  });
  return async (now) => {
    const one = await startMetricsSetting(now);
    open.push(one);
    return one;
  };
}

export function metricsReader({ origin }: { origin: string }, clock: FakeClock): EvidenceReader {
  return createAzureMetrics({ endpoints: { ARM: origin, METRICS: origin } }, AZURE_CLOUDS.public, {
    credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock,
    random: seededRandom(1),
  });
}

/** What the composed question asks of the store, as `gather` would. */
export function requestOf(
  kinds: readonly EvidenceKind[],
  given: { resource?: Resource; signals?: readonly Signal[]; from?: string; to?: string } = {},
): EvidenceRequest {
  const { resource = VAULT, signals = [], from = FROM, to = TO } = given;
  const query = compose('azure-metrics', kinds, { resource, from, to, signals });
  return { resource, from, to, window: 'incident', query };
}

/** So many requests of a vault in the nth minute of the window, answered so. */
export function answered(status: number, minute: number, count: number, name = 'kv-shop') {
  const of = { resourceId: vaultId(name), atMs: FROM_MS + minute * 60_000 + 7_000, value: count };
  return [
    { ...of, metric: 'ServiceApiResult', dimensions: { StatusCode: String(status), ActivityName: 'secretget' } },
    { ...of, metric: 'ServiceApiHit', dimensions: { ActivityName: 'secretget' } },
  ];
}

/** What a vault counts in one window, each row checked. */
export async function rowsAt({ reader }: MetricsSetting, window: Reading['window'] = 'incident'): Promise<Row[]> {
  const readings = await reader.read(requestOf([results]));
  const reading = readings.find((one) => one.window === window);
  if (reading?.state !== 'read') throw new Error(`not read: ${JSON.stringify(reading)}`);
  for (const row of reading.rows) seriesRow.parse(row);
  return reading.rows;
}

/** Counts by metric and status. */
export function told(rows: readonly Row[]): Record<string, unknown> {
  return Object.fromEntries(rows.map(({ metric, split, perMinute }) => [`${metric} ${split}`, perMinute]));
}
