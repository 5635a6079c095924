/** The built function app with telemetry: what arrives at a receiver, and what it costs where there is none. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { startApplicationInsights } from '../../simulation/servers/application-insights.ts';
import { type OtlpServer, startOtlpServer } from '../../simulation/servers/otlp.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { ALERT_TOKEN, startTrial, type Trial } from '../trial.ts';
import { type FunctionsHost, startHost } from './host.ts';

const FIRED = readFileSync(resolve(import.meta.dirname, '../fixtures/azure/metric-static-kv429-fired.json'), 'utf8');
const CALLER = { 'content-type': 'application/json', authorization: `Bearer ${ALERT_TOKEN}` };

const built = inject('builtFolder');
let trial: Trial;
let host: FunctionsHost;
let otlp: OtlpServer;

beforeEach(async () => {
  [trial, otlp] = await Promise.all([startTrial(), startOtlpServer()]);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  for (const [name, value] of Object.entries(trial.environment)) vi.stubEnv(name, value);
  globalThis.headroomProcess = undefined;
  host = await startHost(join(built, 'azure'));
});

afterEach(async () => {
  await host.stop();
  globalThis.headroomProcess = undefined;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all([trial.remove(), otlp.close()]);
});

/** One alert from its receipt to its message. @returns id of the incident */
async function playThrough(): Promise<string> {
  const { incident } = JSON.parse(
    (await host.http('POST', '/api/alerts/azure', { headers: CALLER, body: FIRED })).body,
  );
  for (const message of await trial.takeMessages()) await host.deliver('headroom-work', message);
  await host.tick('watch');
  return incident;
}

function loaded(part: string): boolean {
  const cache = createRequire(import.meta.url).cache;
  return Object.hasOwn(cache, join(built, 'azure', `${part}.cjs`));
}

describe('to an OTLP receiver', () => {
  beforeEach(() => vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', otlp.origin));

  test('each call is a span with its incident, and what came of the alert is counted', async () => {
    const incident = await playThrough();
    await host.stop();
    const about = { 'headroom.incident': incident };
    expect(otlp.spans()).toMatchObject([
      { name: 'receive', attributes: { ...about, 'http.response.status_code': '202' } },
      { name: 'work', attributes: about },
      { name: 'watch' },
    ]);
    expect(otlp.points()).toEqual(
      expect.arrayContaining([
        { name: 'headroom.alerts.received', attributes: { source: 'azure' }, value: 1 },
        { name: 'headroom.alerts.settled', attributes: { outcome: 'posted' }, value: 1 },
        expect.objectContaining({ name: 'headroom.posts.sent', value: 1 }),
        { name: 'headroom.queue.depth', attributes: { state: 'dead' }, value: 0 },
        expect.objectContaining({ name: 'headroom.alert.to_post', value: 1 }),
        { name: 'headroom.call.duration', attributes: { entry: 'work', outcome: 'ok' }, value: 1 },
        expect.objectContaining({
          name: 'headroom.dependency.duration',
          attributes: { dependency: 'slack-webhook', operation: 'post', outcome: 'ok' },
        }),
      ]),
    );
    expect(otlp.resource()).toMatchObject({ 'service.name': 'headroom', 'cloud.provider': 'azure' });
  });

  test('nothing secret, no address and nobody’s name is sent', async () => {
    await playThrough();
    await host.stop();
    for (const hidden of [ALERT_TOKEN, trial.slack.webhookUrl, 'kv-contoso', '/subscriptions/'])
      expect(otlp.raw()).not.toContain(hidden);
  });

  test('the SDK is loaded after the first answer, not before it', async () => {
    const answer = host.http('POST', '/api/alerts/azure', { headers: CALLER, body: FIRED });
    expect(loaded('telemetry')).toBe(false);
    expect((await answer).status).toBe(202);
    await vi.waitFor(() => expect(loaded('telemetry')).toBe(true));
  });

  test('a receiver that is down loses nobody’s alert', async () => {
    otlp.setOutage('cut');
    await playThrough();
    expect(trial.slack.messages).toHaveLength(1);
  });
});

describe('to Application Insights', () => {
  const connectionString =
    'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://ingestion.example/';

  test('spans are requests and metrics are metrics, shown by a token of this identity', async () => {
    const insights = await startApplicationInsights();
    const load = createRequire(import.meta.url);
    const { openApplicationInsights } = load(join(built, 'azure/azure-application-insights.cjs'));
    const { openTelemetry } = load(join(built, 'azure/telemetry.cjs'));
    const others = openApplicationInsights({
      connectionString,
      credential: { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
      httpClient: createRoutedHttpClient({ 'ingestion.example': insights.origin }),
    });
    const telemetry = openTelemetry({
      otlp: { metrics: false, traces: false },
      others,
      resource: {},
      intervalMs: 60_000,
    });
    telemetry.take({ kind: 'span', name: 'work', fromMs: 1, toMs: 2, attributes: { 'headroom.incident': 'abcdefgh' } });
    telemetry.take({ kind: 'count', name: 'headroom.alerts.received', by: 1 });
    await telemetry.flush();
    await insights.close();
    expect(insights.requests()).toMatchObject([{ name: 'work', properties: { 'headroom.incident': 'abcdefgh' } }]);
    expect(insights.metrics()).toEqual(['headroom.alerts.received']);
    expect(insights.authorizations()).toEqual(['Bearer a-token']);
  });

  test('its exporter is loaded where it is named, and asks nobody how it is to behave', async () => {
    vi.stubEnv('APPLICATIONINSIGHTS_CONNECTION_STRING', connectionString.replace('ingestion.example', '127.0.0.1:1'));
    await playThrough();
    await vi.waitFor(() => expect(loaded('azure-application-insights')).toBe(true));
    expect(trial.slack.messages).toHaveLength(1);
    const meta: Metafile = JSON.parse(readFileSync(join(built, 'meta/azure-azure-application-insights.json'), 'utf8'));
    const inputs = Object.values(meta.outputs).flatMap((output) => Object.keys(output.inputs));
    expect(inputs.some((path) => path.includes('monitor-opentelemetry-exporter/'))).toBe(true);
    expect(inputs.filter((path) => /configurationWorker|_configuration[/].*utils/.test(path))).toEqual([]);
  });
});

test('without a receiver nothing of telemetry is loaded', async () => {
  await playThrough();
  await new Promise(setImmediate);
  expect(['telemetry', 'azure-application-insights'].filter(loaded)).toEqual([]);
});
