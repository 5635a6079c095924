import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startLocal } from '../../local/server.ts';
import { type OtlpServer, startOtlpServer } from '../../simulation/servers/otlp.ts';
import { collectingLog } from '../kit.ts';
import { configOf } from '../shared/config/kit.ts';
import { fakeChat } from '../shared/pipeline/chat.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';

let otlp: OtlpServer;
beforeEach(async () => {
  otlp = await startOtlpServer();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await otlp.close();
});

/** One alert on one machine, from its receipt to its message, and the machine's end. */
async function playThrough(): Promise<void> {
  const chat = fakeChat();
  const local = await startLocal(
    configOf({ HEADROOM_RECORDS: 'memory', HEADROOM_QUEUE: 'memory', HEADROOM_PAYLOADS: 'memory' }),
    {
      host: '127.0.0.1',
      port: 0,
      log: collectingLog(),
      out: () => undefined,
      colour: false,
      senders: [chat],
      workers: { concurrency: 1, visibilityMs: 60_000, idleMs: 5 },
    },
  );
  await fetch(`${local.url}/api/alerts/azure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(azureAlert({ firedAt: new Date().toISOString() })),
  });
  await vi.waitFor(() => expect(chat.standing).toHaveLength(1), { timeout: 20_000 });
  await local.close();
}

test('one machine measures its flow for an OTLP receiver', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', otlp.origin);
  await playThrough();
  expect(otlp.spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['receive', 'work']));
  const counted = Object.fromEntries(otlp.points().map(({ name, value }) => [name, value]));
  expect(counted).toMatchObject({ 'headroom.alerts.received': 1, 'headroom.alerts.settled': 1 });
});

test('one machine sends nothing where no receiver is named', async () => {
  await playThrough();
  expect(otlp.requests()).toBe(0);
});
