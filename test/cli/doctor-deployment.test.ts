import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AzureEstateServer } from '../../simulation/servers/azure-estate.ts';
import { type CloudWatchServer, startCloudWatch } from '../../simulation/servers/cloudwatch.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { ACTION_GROUP, startSmallEstate } from '../shared/adapters/azure/estate-kit.ts';
import { OTHER_SUBSCRIPTION, SUBSCRIPTION } from '../shared/adapters/azure/graph-kit.ts';
import { makeFolder, removeFolder } from '../shared/adapters/folder.ts';
import { run } from './kit.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:headroom';
const HOST = 'func-headroom.azurewebsites.net';

let folder: string;
let server: AzureEstateServer;
let identity: IdentityEndpoint;
let cloudwatch: CloudWatchServer;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = makeFolder();
  [server, identity, cloudwatch] = await Promise.all([startSmallEstate(), startIdentityEndpoint(), startCloudWatch()]);
  server.quota.remaining = 1_000;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'a');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  const settings = join(folder, 'headroom.json');
  const scopes = [SUBSCRIPTION, OTHER_SUBSCRIPTION];
  writeFileSync(settings, JSON.stringify({ scopes, ours: { actionGroups: [ACTION_GROUP], alarmActions: [TOPIC] } }));
  environment = {
    ...identity.environment,
    HEADROOM_HOME: join(folder, 'none'),
    HEADROOM_SETTINGS: settings,
    HEADROOM_ARM_ENDPOINT: server.origin,
    HEADROOM_CLOUDWATCH_ENDPOINT: cloudwatch.origin,
  };
  cloudwatch.metricAlarms.push(
    { AlarmName: 'runners', StateValue: 'OK', AlarmActions: [TOPIC], ActionsEnabled: false },
    { AlarmName: 'others', StateValue: 'OK', AlarmActions: [`${TOPIC}-of-others`], ActionsEnabled: false },
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server.close(), identity.close(), cloudwatch.close()]);
  removeFolder(folder);
});

test('doctor --deployment looks the subscriptions and accounts over, shows the commands, and ends with 1', async () => {
  const { code, out } = await run(['doctor', '--deployment', '--host', HOST], environment);
  expect(code).toBe(1);
  await expect(out).toMatchFileSnapshot('../golden/doctor-deployment.txt');
  const json = JSON.parse((await run(['doctor', '--deployment', '--json'], environment)).out);
  expect(json.checks.filter(({ ok }: { ok: boolean }) => !ok).map(({ name }: { name: string }) => name)).toEqual([
    'stores',
    'roles',
    'audit logs',
    'alert rules',
    'alarm actions',
  ]);
});

test('it compares the clock with that of CloudWatch, where neither Azure is asked nor CloudWatch answers', async () => {
  const settings = join(folder, 'aws.json');
  writeFileSync(settings, JSON.stringify({ ours: { alarmActions: [TOPIC] } }));
  const only = { ...environment, HEADROOM_SETTINGS: settings };
  const clockOf = async () => {
    const { checks } = JSON.parse((await run(['doctor', '--deployment', '--json'], only)).out);
    return checks.find(({ name }: { name: string }) => name === 'clock');
  };
  expect(await clockOf()).toMatchObject({ ok: true, detail: 'it agrees with that of AWS' });

  const date = new Date(Date.now() - 3 * 60_000).toUTCString();
  cloudwatch.weather.next = () => ({ status: 403, headers: { date }, body: '{"__type":"AccessDeniedException"}' });
  const found = await clockOf();
  cloudwatch.weather.next = () => undefined;
  expect(found).toMatchObject({ ok: false, command: 'sudo chronyc makestep' });
  expect(found.problem).toMatch(/^this machine is 1[78]\d s ahead of AWS/);
});

test('it names no token of an address', async () => {
  const { out } = await run(['doctor', '--deployment', '--json', '--host', 'other.example.org'], environment);
  expect(out).toContain(`calls ${HOST}/api/alerts/azure, not other.example.org`);
  expect(out).not.toContain('a-token');
});

test.each([
  [['--host', HOST], 'go with --deployment'],
  [['--deployment', '--host', `https://${HOST}`], 'without https://'],
  [['--deployment', '--reader', 'me'], 'object id'],
])('%j is refused', async (args, said) => {
  const { code, err } = await run(['doctor', ...args], environment);
  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
});
