import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configuredTelemetry } from '../../../../shared/adapters/telemetry/configured.ts';
import type { Measurement } from '../../../../shared/ports.ts';
import { type OtlpServer, startOtlpServer } from '../../../../simulation/servers/otlp.ts';
import { collectingLog } from '../../../kit.ts';

let server: OtlpServer;

beforeEach(async () => {
  server = await startOtlpServer();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', server.origin);
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment=test');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function open() {
  return configuredTelemetry({
    environment: process.env,
    resource: { 'service.name': 'headroom', 'faas.name': 'work' },
    now: () => Date.now(),
    log: collectingLog(),
  });
}

test('each kind of measurement arrives at an OTLP receiver', async () => {
  const telemetry = open();
  const attributes = { source: 'azure' };
  const noted: Measurement[] = [
    { kind: 'count', name: 'alerts', by: 2, attributes },
    { kind: 'count', name: 'alerts', by: 3, attributes },
    { kind: 'balance', name: 'in-flight', by: -1 },
    { kind: 'spread', name: 'duration', value: 0.2, unit: 's' },
    { kind: 'spread', name: 'duration', value: 0.4, unit: 's' },
    { kind: 'level', name: 'depth', value: 7 },
    { kind: 'span', name: 'work', fromMs: 1_000, toMs: 1_250, attributes: { 'headroom.incident': 'abcdefgh' } },
    { kind: 'span', name: 'receive', fromMs: 1_000, toMs: 1_001, failure: 'unavailable' },
  ];
  for (const measurement of noted) telemetry.note(measurement);
  await telemetry.flush(5_000);
  expect(server.points()).toEqual([
    { name: 'alerts', attributes, value: 5 },
    { name: 'in-flight', attributes: {}, value: -1 },
    { name: 'duration', attributes: {}, value: 2 },
    { name: 'depth', attributes: {}, value: 7 },
  ]);
  expect(server.spans()).toEqual([
    { name: 'work', attributes: { 'headroom.incident': 'abcdefgh' }, failed: false, durationMs: 250 },
    { name: 'receive', attributes: {}, failed: true, durationMs: 1 },
  ]);
  expect(server.resource()).toMatchObject({ 'faas.name': 'work', 'deployment.environment': 'test' });
});

test('what a library lets ask for is asked for at each export, until it takes that back', async () => {
  const telemetry = open();
  const hits = telemetry.meter?.createObservableCounter('hits');
  let value = 4;
  const tell = (result: { observe(value: number): void }): void => result.observe(value);
  hits?.addCallback(tell);
  await telemetry.flush(5_000);
  value = 9;
  await telemetry.flush(5_000);
  expect(server.points()).toEqual([{ name: 'hits', attributes: {}, value: 9 }]);
});
