/** From an alarm of CloudWatch to its message, with what its metric and its log groups tell, over servers of both protocols. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { awsReaders } from '../../../shared/adapters/aws/evidence-readers.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { startCloudWatchMetrics } from '../../../simulation/servers/cloudwatch-metrics.ts';
import { startLogsInsights } from '../../../simulation/servers/logs-insights.ts';
import { fakeChat } from './chat.ts';
import { createWorld, patientClock, receive, theIncident, workOff } from './kit.ts';

vi.stubEnv('AWS_REGION', 'us-east-1');
vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-the-test');

const PAYLOAD = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/cloudwatch/eventbridge-metric.json'), 'utf8'),
);
const FIRED_MS = Date.parse('2026-01-05T10:01:00.000Z');
const MINUTE_MS = 60_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

test('an alarm of a function shows its metric, and what its log groups say of throttling', async () => {
  const clock = patientClock('2026-01-05T10:03:00.000Z');
  const metrics = await startCloudWatchMetrics({ now: () => clock.now() });
  const logs = await startLogsInsights({ now: () => clock.now() });
  logs.looksBefore = 0;
  closing.push(metrics.close, logs.close);
  const [alert] = parsed();
  const { id = '', region } = alert?.resource ?? {};
  const [signal] = alert?.signals ?? [];
  if (!signal) throw new Error('the fixture has no signal');
  const dimensions = signal.dimensions;
  for (const [minute, value] of [
    [-3, 1],
    [-1, 9],
    [0, 14],
  ] as const)
    metrics.samples.push({
      namespace: signal.namespace ?? '',
      metric: signal.metric,
      dimensions,
      atMs: FIRED_MS + minute * MINUTE_MS,
      value,
    });
  logs.groups.set('/jobs', [
    { atMs: FIRED_MS - MINUTE_MS, message: 'ThrottlingException: Rate exceeded' },
    { atMs: FIRED_MS, message: 'ok' },
  ]);
  const readers = awsReaders(
    {
      settings: { resources: { [id]: { logGroups: ['/jobs'] } } },
      endpoints: { CLOUDWATCH: metrics.origin, CLOUDWATCH_LOGS: logs.origin },
    },
    { clock, random: () => 0.5 },
  );
  const world = createWorld([fakeChat()], { readers, clock });
  await receive(world, PAYLOAD, cloudwatch);
  await workOff(world);
  const { chart, notes } = await theIncident(world);
  expect(chart).toMatchObject({ title: `${signal.metric} by the minute`, stepSeconds: 60 });
  expect(chart?.series[0]?.values.filter((value) => value !== null)).toEqual([1, 9, 14]);
  expect(notes.map(({ text }) => text)).toContain(
    'Of 2 lines in its log groups 1 speak of throttling, from 10:00 UTC to 10:01 UTC.',
  );
  expect(metrics.received[0]?.headers.authorization).toContain(`/${region}/monitoring/`);
});

function parsed() {
  const result = cloudwatch.parse(PAYLOAD, '2026-01-05T10:01:05.000Z');
  return result.ok ? result.alerts : [];
}
