import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CloudWatchServer, startCloudWatch } from '../../simulation/servers/cloudwatch.ts';
import { metricAlarm, TOPIC } from '../shared/adapters/aws/alarms-kit.ts';
import { startTrial, type Trial } from '../trial.ts';
import { takeWrittenLog } from '../written-log.ts';
import { SCHEDULE_EVENT, sqsEvent } from './events.ts';

const MINUTE_MS = 60_000;
const SETTINGS = {
  scopes: ['123456789012'],
  ours: { alarmActions: [TOPIC] },
  canary: { alarm: 'headroom-canary' },
};

let trial: Trial;
let cloudwatch: CloudWatchServer;

beforeEach(async () => {
  [trial, cloudwatch] = await Promise.all([startTrial(), startCloudWatch()]);
  cloudwatch.metricAlarms.push({ AlarmName: 'headroom-canary', StateValue: 'OK' });
  takeWrittenLog();
  const settings = join(trial.environment['HEADROOM_HOME'] ?? '', 'headroom.json');
  writeFileSync(settings, JSON.stringify(SETTINGS));
  const environment = {
    ...trial.environment,
    HEADROOM_SETTINGS: settings,
    HEADROOM_CLOUDWATCH_ENDPOINT: cloudwatch.origin,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all([trial.remove(), cloudwatch.close()]);
});

test('the lambdas post an alarm whose notification never arrived, and set their canary off every hour', async () => {
  vi.resetModules();
  const { handler: watch } = await import('../../lambdas/watch.ts');
  const { handler: work } = await import('../../lambdas/work.ts');
  await watch(SCHEDULE_EVENT);
  cloudwatch.metricAlarms.push(metricAlarm({ StateTransitionedTimestamp: Date.now() / 1_000 + 60 }));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE_MS });
  expect(await watch(SCHEDULE_EVENT)).toMatchObject({ reconciled: 1, failed: [] });
  const messages = await trial.takeMessages();
  await work(sqsEvent(messages.map((body, index) => ({ id: `m${index}`, body }))));
  expect(JSON.stringify(trial.slack.messages)).toMatch(/example-fn.*Found by Headroom at/);
  expect(cloudwatch.set.map(({ state }) => state)).toEqual(['OK', 'ALARM']);
  vi.setSystemTime(Date.now() + 50 * MINUTE_MS);
  await watch(SCHEDULE_EVENT);
  expect(cloudwatch.set).toHaveLength(4);
});
