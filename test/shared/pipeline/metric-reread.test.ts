import { afterEach, describe, expect, test } from 'vitest';
import { rereadMetrics } from '../../../shared/pipeline/metric-reread.ts';
import type { WatchDeps } from '../../../shared/pipeline/watch.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { type AzureMetricsServer, startAzureMetrics } from '../../../simulation/servers/azure-metrics.ts';
import { metricsReader } from '../adapters/azure/metrics-kit.ts';
import { fakeChat } from './chat.ts';
import {
  type AlertSketch,
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  POLICY,
  receive,
  theIncident,
  vaultId,
  type World,
  workOff,
} from './kit.ts';

const MINUTE_MS = 60_000;
const FIRED_AT = '2026-11-20T14:00:00.000Z';
const FIRED_MS = Date.parse(FIRED_AT);

const servers: AzureMetricsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Setting = { world: World; server: AzureMetricsServer; chat: ReturnType<typeof fakeChat> };

/** An incident of one vault, told in chat, and the metrics that will say how it went on. */
async function setting(given: Partial<WatchDeps> = {}, sketches: Partial<AlertSketch>[] = [{}]): Promise<Setting> {
  const readers: EvidenceReader[] = [];
  const chat = fakeChat();
  const world = createWorld([chat], { readers, ...given });
  const server = await startAzureMetrics({ now: () => world.clock.now() });
  servers.push(server);
  for (const sketch of sketches) {
    for (const vault of sketch.vaults ?? ['kv-contoso'])
      server.resources.push({ id: vaultId(vault), type: 'Microsoft.KeyVault/vaults', location: 'westeurope' });
    await receive(world, azureAlert({ firedAt: FIRED_AT, ...sketch }));
  }
  await workOff(world);
  // The diagnosis has had its turn: what is read from now on is read again.
  readers.push(metricsReader(server, world.clock));
  return { world, server, chat };
}

/** Refusals of a vault so many minutes after it fired. */
function refuse({ server }: Setting, ...minutes: number[]): void {
  for (const minute of minutes)
    server.samples.push({
      resourceId: vaultId('kv-contoso'),
      metric: 'ServiceApiResult',
      atMs: FIRED_MS + minute * MINUTE_MS,
      dimensions: { StatusCode: '429' },
    });
}

async function later(one: Setting, minutes: number) {
  await moveOn(one.world.clock, FIRED_MS + minutes * MINUTE_MS - one.world.clock.now());
  const done = await rereadMetrics(one.world.deps);
  await workOff(one.world);
  return done;
}

describe('an incident whose rule never sends a Resolved', () => {
  test('is resolved once its metric has been calm for half an hour, as of when it became so', async () => {
    const one = await setting();
    refuse(one, 0, 1, 2);
    expect(await later(one, 42)).toEqual({ metricsReread: 1, resolvedByMetric: 1 });
    const { lifecycle, ledger } = await theIncident(one.world);
    // The window of five minutes had moved past the last refusal.
    expect(lifecycle).toEqual({ state: 'resolved', at: '2026-11-20T14:07:00.000Z', by: 'metric' });
    expect(ledger).toContainEqual({ at: '2026-11-20T14:42:00.000Z', step: 'resolved', note: 'metric' });
    expect(one.chat.standing.map(({ body }) => body).join()).toContain('resolved as its metric is back to normal');
    expect(await later(one, 52)).toEqual({ metricsReread: 0, resolvedByMetric: 0 });
  });

  test('and fires anew later begins another incident', async () => {
    const one = await setting();
    refuse(one, 0);
    await later(one, 45);
    await receive(one.world, azureAlert({ firedAt: '2026-11-20T14:46:00.000Z' }));
    await workOff(one.world);
    expect((await incidentsOf(one.world)).map(({ lifecycle }) => lifecycle.state)).toEqual(['resolved', 'open']);
  });

  test.each<[string, number, number[]]>([
    ['is too young to be asked about', 34, []],
    ['was refused once more since', 45, [0, 30]],
    ['is refused still', 300, [0, 60, 120, 180, 240, 290]],
  ])('stays open where it %s', async (_what, minutes, refused) => {
    const one = await setting();
    refuse(one, ...refused);
    expect(await later(one, minutes)).toMatchObject({ resolvedByMetric: 0 });
    expect((await theIncident(one.world)).lifecycle).toEqual({ state: 'open' });
  });

  test('is looked at by the watch, every ten minutes', async () => {
    const one = await setting();
    refuse(one, 0);
    await moveOn(one.world.clock, 60 * MINUTE_MS);
    expect(await watch(one.world.deps)).toMatchObject({ metricsReread: 1, resolvedByMetric: 1 });
    await moveOn(one.world.clock, 5 * MINUTE_MS);
    expect(await watch(one.world.deps)).not.toHaveProperty('metricsReread');
  });
});

describe('what cannot be told stays as it is', () => {
  test.each<[string, (one: Setting) => void]>([
    ['the metric may not be read', ({ server }) => server.faults.push({ status: 403 }, { status: 403 })],
    ['the service is down', ({ server }) => (server.weather.next = () => ({ cut: 'before' }))],
    ['the vault is gone', ({ server }) => server.resources.splice(0)],
    ['the metric fails', ({ server }) => server.broken.add('ServiceApiResult')],
  ])('where %s', async (_what, happens) => {
    const one = await setting();
    happens(one);
    await moveOn(one.world.clock, 45 * MINUTE_MS);
    const again = rereadMetrics(one.world.deps);
    for (let wait = 0; wait < 40; wait += 1) await moveOn(one.world.clock, 1_000);
    expect(await again).toMatchObject({ resolvedByMetric: 0 });
    expect((await theIncident(one.world)).lifecycle).toEqual({ state: 'open' });
  });

  test.each<[string, Partial<WatchDeps>]>([
    ['out of scope', { policy: { ...POLICY, mayRead: () => false } }],
    ['unverified', { policy: { ...POLICY, verifies: () => false } }],
  ])('and is not asked about where it is %s', async (_what, given) => {
    const one = await setting(given);
    expect(await later(one, 60)).toEqual({ metricsReread: 0, resolvedByMetric: 0 });
    expect(one.server.received).toEqual([]);
  });

  test('where another rule of the incident is no metric of the resource', async () => {
    const one = await setting();
    const log = azureAlert({ firedAt: FIRED_AT, rule: 'kv-log' });
    const text = JSON.stringify(log)
      .replace('"Microsoft.KeyVault/vaults"', 'null')
      .replace('"ServiceApiResult"', '"429 by query"');
    await receive(one.world, JSON.parse(text));
    await workOff(one.world);
    expect((await incidentsOf(one.world)).length).toBe(1);
    expect(await later(one, 60)).toMatchObject({ resolvedByMetric: 0 });
  });

  test('where a store has no room for more questions now', async () => {
    const one = await setting({ levels: { ...createWorld([]).deps.levels, read: async () => ({ waitMs: 1_000 }) } });
    expect(await later(one, 60)).toEqual({ metricsReread: 1, resolvedByMetric: 0 });
    expect(one.server.received).toEqual([]);
  });
});

test('of many, twenty are read in one run, and the next run goes on behind them', async () => {
  const one = await setting(
    {},
    Array.from({ length: 45 }, (_, nth) => ({ vaults: [`kv-${nth}`] })),
  );
  for (const incident of await incidentsOf(one.world))
    one.server.samples.push({
      resourceId: incident.resource.id,
      metric: 'ServiceApiResult',
      atMs: FIRED_MS + 50 * MINUTE_MS,
      dimensions: { StatusCode: '429' },
    });
  const read = [];
  for (let run = 0; run < 4; run += 1) read.push((await later(one, 60)).metricsReread);
  expect(read).toEqual([20, 20, 5, 20]);
});

test('without a store of metrics nothing is read', async () => {
  const one = await setting({ readers: [] });
  expect(await later(one, 60)).toEqual({ metricsReread: 0, resolvedByMetric: 0 });
});
