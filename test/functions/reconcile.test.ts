import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AzureAlertsServer, startAzureAlerts } from '../../simulation/servers/azure-alerts.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { GROUP, keptAlert, metricRule, ruleId, SUBSCRIPTION } from '../shared/adapters/azure/alerts-kit.ts';
import { startTrial, type Trial } from '../trial.ts';
import { takeWrittenLog, type WrittenLog } from '../written-log.ts';

const MINUTE_MS = 60_000;
const SETTINGS = { scopes: [SUBSCRIPTION], ours: { actionGroups: [GROUP] }, canary: {} };

let trial: Trial;
let arm: AzureAlertsServer;
let identity: IdentityEndpoint;
let written: WrittenLog;

beforeEach(async () => {
  [trial, arm, identity] = await Promise.all([startTrial(), startAzureAlerts(), startIdentityEndpoint()]);
  arm.rules.set(ruleId('kv-throttled').toLowerCase(), metricRule('kv-throttled', GROUP));
  written = takeWrittenLog();
  const settings = join(trial.environment['HEADROOM_HOME'] ?? '', 'headroom.json');
  writeFileSync(settings, JSON.stringify(SETTINGS));
  const environment = { ...trial.environment, ...identity.environment };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.stubEnv('HEADROOM_SETTINGS', settings);
  vi.stubEnv('HEADROOM_ARM_ENDPOINT', arm.origin);
  vi.resetModules();
  // What the entries of one process share.
  Reflect.deleteProperty(globalThis, 'headroomProcess');
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all([trial.remove(), arm.close(), identity.close()]);
});

/** The process as a cold start loads it: what it reads of its environment is read then. */
async function startProcess() {
  const { watch } = await import('../../functions/watch.ts');
  const { work } = await import('../../functions/work.ts');
  const { readDeps } = await import('../../functions/deps.ts');
  return { watch, work, isHealthy: async () => (await readDeps()).healthy() };
}

/** So many minutes from now. */
function moveOn(minutes: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * MINUTE_MS });
}

test('the function app posts an alert whose webhook never arrived, and says so', async () => {
  const { watch, work } = await startProcess();
  await watch();
  const startDateTime = new Date(Date.now() + MINUTE_MS).toISOString();
  arm.alerts.push(keptAlert({ startDateTime, alertRule: ruleId('kv-throttled') }));
  moveOn(10);
  await watch();
  expect(written.logged('reconciled')).toMatchObject([{ source: 'azure', rule: 'kv-throttled' }]);
  const [message = ''] = await trial.takeMessages();
  await work(JSON.parse(message), {});
  expect(trial.slack.messages).toHaveLength(1);
  expect(JSON.stringify(trial.slack.messages[0])).toContain('Found by Headroom at');
});

test('the function app misses its canary: no heartbeat, and it is not healthy', async () => {
  const { watch, isHealthy } = await startProcess();
  await watch();
  expect(written.logged('heartbeat')).toMatchObject([{ canary: 'awaited' }]);
  expect(await isHealthy()).toBe(true);
  moveOn(91);
  await watch();
  expect(written.logged('heartbeat-withheld')).toMatchObject([{ canary: 'late', failed: '' }]);
  expect(await isHealthy()).toBe(false);
});
