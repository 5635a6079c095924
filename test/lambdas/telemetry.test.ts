/** The built lambdas with telemetry: sent before a call ends, for between two calls a lambda stands still. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { type OtlpServer, startOtlpServer } from '../../simulation/servers/otlp.ts';
import { startTrial, type Trial } from '../trial.ts';
import { SCHEDULE_EVENT, sqsEvent } from './events.ts';

const ALARM: unknown = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../fixtures/cloudwatch/lambda-metric.json'), 'utf8'),
);

const built = inject('builtFolder');
let trial: Trial;
let otlp: OtlpServer;

beforeEach(async () => {
  [trial, otlp] = await Promise.all([startTrial(), startOtlpServer()]);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const wanted = {
    ...trial.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.origin,
    AWS_LAMBDA_FUNCTION_NAME: 'hr-work',
  };
  for (const [name, value] of Object.entries(wanted)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all([trial.remove(), otlp.close()]);
});

/** The handler as a cold start loads it. */
function handlerOf(entry: string): (event: unknown) => Promise<unknown> {
  const load = createRequire(import.meta.url);
  const path = join(built, 'aws', entry, 'index.cjs');
  delete load.cache[path];
  return load(path).handler;
}

test('what each call did is there when it has ended', async () => {
  await handlerOf('receive')(ALARM);
  expect(otlp.spans()).toMatchObject([{ name: 'receive', failed: false }]);
  const messages = await trial.takeMessages();
  await handlerOf('work')(sqsEvent(messages.map((body, index) => ({ id: String(index), body }))));
  await handlerOf('watch')(SCHEDULE_EVENT);
  expect(otlp.spans().map(({ name }) => name)).toEqual(['receive', 'work', 'watch']);
  expect(otlp.spans()[1]?.attributes).toMatchObject({ 'headroom.incident': expect.stringMatching(/^[a-z2-7]{8}$/) });
  const names = new Set(otlp.points().map(({ name }) => name));
  for (const name of ['alerts.received', 'alerts.settled', 'posts.sent', 'queue.age', 'queue.depth', 'call.duration'])
    expect(names).toContain(`headroom.${name}`);
  expect(otlp.resource()).toMatchObject({ 'cloud.provider': 'aws', 'faas.name': 'hr-work' });
});

test('a call that failed is a span that says so, and fails all the same', async () => {
  vi.stubEnv('HEADROOM_RECORDS', 'nonsense');
  await expect(handlerOf('watch')(SCHEDULE_EVENT)).rejects.toThrow('configuration');
  expect(otlp.spans()).toMatchObject([{ name: 'watch', failed: true }]);
});

test.each(['cut', 'hang'] as const)(
  'a receiver that is gone (%s) keeps no alert from being taken in',
  async (outage) => {
    otlp.setOutage(outage);
    const receive = handlerOf('receive');
    expect(await receive(ALARM)).toMatchObject({ ok: true });
    const asked = otlp.requests();
    expect(await receive(ALARM)).toMatchObject({ ok: true });
    expect(otlp.requests()).toBe(asked);
  },
);
