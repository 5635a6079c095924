import { afterEach, expect, test, vi } from 'vitest';
import { openFiring } from '../../local/firing.ts';
import { startAzureAlerts } from '../../simulation/servers/azure-alerts.ts';
import { startCloudWatch } from '../../simulation/servers/cloudwatch.ts';
import { startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { GROUP, keptAlert, MARK, metricRule, ruleId, SUBSCRIPTION } from '../shared/adapters/azure/alerts-kit.ts';
import { configOf } from '../shared/config/kit.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closing.splice(0).map((server) => server.close()));
});

test('one machine lists what fires in both clouds where the settings name what is ours', async () => {
  const [arm, cloudwatch, identity] = await Promise.all([
    startAzureAlerts(),
    startCloudWatch(),
    startIdentityEndpoint(),
  ]);
  closing.push(arm, cloudwatch, identity);
  const environment = {
    ...identity.environment,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  arm.rules.set(ruleId('kv-throttled').toLowerCase(), metricRule('kv-throttled', GROUP));
  const now = Date.now();
  arm.alerts.push(keptAlert({ startDateTime: new Date(now).toISOString() }));
  const alarmActions = ['arn:aws:sns:eu-west-1:123456789012:headroom'];
  const config = configOf(
    { HEADROOM_ARM_ENDPOINT: arm.origin, HEADROOM_CLOUDWATCH_ENDPOINT: cloudwatch.origin },
    { settings: { scopes: [SUBSCRIPTION], ours: { actionGroups: [GROUP], alarmActions }, canary: { alarm: 'c' } } },
  );
  const { firing = [], canaryAlarm } = await openFiring(config);
  const since = new Date(now - 60_000).toISOString();
  const listed = await Promise.all(firing.map((cloud) => cloud.list({ since, limit: 10, mark: MARK })));
  expect(firing.map(({ name }) => name)).toEqual([`azure ${SUBSCRIPTION}`, 'aws']);
  expect(listed.map(({ alerts }) => alerts.map(({ rule }) => rule))).toEqual([['kv-throttled'], []]);
  expect(canaryAlarm).toBeDefined();
});

test('one machine asks no cloud where the settings name nothing', async () => {
  expect(await openFiring(configOf({}))).toEqual({ firing: [] });
});
