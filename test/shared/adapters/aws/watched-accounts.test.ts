import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAlarmReadBack, openAlarmsOfAll } from '../../../../shared/adapters/aws/alarms.ts';
import { awsReaders } from '../../../../shared/adapters/aws/evidence-readers.ts';
import { watchedAccounts } from '../../../../shared/adapters/aws/watched-accounts.ts';
import { Secret } from '../../../../shared/config/secret.ts';
import type { Resource } from '../../../../shared/model.ts';
import { type CloudWatchServer, startCloudWatch } from '../../../../simulation/servers/cloudwatch.ts';
import { type StsServer, startSts } from '../../../../simulation/servers/sts.ts';
import { fakeClock } from '../../../kit.ts';
import { metricAlarm, TOPIC } from './alarms-kit.ts';

const OWN = '123456789012';
const WATCHED = '210987654321';
const ROLE = `arn:aws:iam::${WATCHED}:role/headroom-reader`;
const EXTERNAL_ID = 'a-long-random-word';
const OWN_KEY = 'AKIAOWNOWNOWNOWN';

let sts: StsServer;
let cloudwatch: CloudWatchServer;
let clock: ReturnType<typeof fakeClock>;
beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', OWN_KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  clock = fakeClock();
  [sts, cloudwatch] = await Promise.all([startSts(() => clock.now()), startCloudWatch()]);
  sts.roles.set(ROLE, EXTERNAL_ID);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([sts.close(), cloudwatch.close()]);
});

function watched(externalId = EXTERNAL_ID) {
  const choices = {
    watchedAccounts: [WATCHED],
    watchedExternalId: new Secret(externalId),
    partition: 'aws',
    endpoints: { STS: sts.origin },
  };
  return watchedAccounts(choices, { clock });
}

function alarmOf(account: string): string {
  return `arn:aws:cloudwatch:eu-west-1:${account}:alarm:lambda-throttles`;
}

/** Access keys that requests to CloudWatch were signed with, in order. */
function signers(): string[] {
  return cloudwatch.received.map(({ headers }) => /Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? '');
}

describe('an account that is watched by a role', () => {
  test('has its alarms read back with that role, those of this account with the role of this process', async () => {
    cloudwatch.metricAlarms.push(metricAlarm({ AlarmArn: alarmOf(WATCHED) }));
    const readBack = openAlarmReadBack({ endpoint: cloudwatch.origin }, watched());
    expect(await readBack.read(alarmOf(WATCHED))).toMatchObject({ changedAt: expect.any(String) });
    await readBack.read(alarmOf(OWN));
    const [session] = sts.sessions;
    expect(session?.role).toBe(ROLE);
    expect(signers()).toEqual([session?.accessKeyId, OWN_KEY]);
    expect(cloudwatch.received[0]?.headers['x-amz-security-token']).toBe(`token-of-${session?.accessKeyId}`);
  });

  test('has what fires there listed beside what fires here, each remembered by itself', async () => {
    const firing = openAlarmsOfAll([TOPIC], { endpoint: cloudwatch.origin }, watched());
    expect(firing.map(({ name }) => name)).toEqual(['aws', `aws ${WATCHED}`]);
    const mark = { name: 'a', value: 'b' };
    for (const one of firing) await one.list({ since: '2026-11-20T13:00:00.000Z', limit: 10, mark });
    expect(signers()).toEqual([OWN_KEY, sts.sessions[0]?.accessKeyId]);
  });

  test('has its metrics and logs read by readers of its own, which the others leave to them', () => {
    const settings = { resources: { 'arn:of:other': { logGroups: ['/a'] }, 'arn:of:own': { logGroups: ['/b'] } } };
    const readers = awsReaders({ settings, endpoints: {} }, { clock, random: () => 0.5 }, watched());
    const of = (id: string, scope: string): Resource => ({
      cloud: 'aws',
      id,
      name: id,
      type: 'AWS::Lambda::Function',
      scope,
    });
    const coverage = (resource: Resource) => readers.map(({ covers }) => covers(resource));
    expect(coverage(of('arn:of:own', OWN))).toEqual([true, true, false, false]);
    expect(coverage(of('arn:of:other', WATCHED))).toEqual([false, false, true, true]);
  });
});

describe('taking the role on', () => {
  test('happens once for all who ask at the same time, and anew five minutes before the session ends', async () => {
    const credentials = watched().get(WATCHED);
    if (!credentials) throw new Error('not watched');
    const [first, ...others] = await Promise.all([credentials(), credentials(), credentials()]);
    expect(others).toEqual([first, first]);
    clock.advance(55 * 60_000 - 1);
    expect(await credentials()).toEqual(first);
    expect(sts.asked).toBe(1);
    clock.advance(1);
    expect(await credentials()).not.toEqual(first);
    expect(sts.asked).toBe(2);
  });

  test('where it is refused says what to deploy, and asks again after a minute alone', async () => {
    const credentials = watched('another-long-word').get(WATCHED);
    if (!credentials) throw new Error('not watched');
    const refused = {
      kind: 'denied',
      nextStep: expect.stringContaining(`deploy HeadroomWatchedAccount in ${WATCHED}`),
    };
    await expect(credentials()).rejects.toMatchObject(refused);
    clock.advance(59_999);
    await expect(credentials()).rejects.toMatchObject(refused);
    expect(sts.asked).toBe(1);
    clock.advance(1);
    sts.roles.set(ROLE, 'another-long-word');
    expect(await credentials()).toMatchObject({ accessKeyId: sts.sessions[0]?.accessKeyId });
  });

  test('reaches the caller as the failure that it is, without the external id', async () => {
    const readBack = openAlarmReadBack({ endpoint: cloudwatch.origin }, watched('another-long-word'));
    const error: unknown = await readBack.read(alarmOf(WATCHED)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'denied', nextStep: expect.stringContaining('HeadroomWatchedAccount') });
    expect(JSON.stringify(error) + String(error)).not.toContain('another-long-word');
    expect(cloudwatch.received).toEqual([]);
  });

  test('does not happen where no external id is known', () => {
    const choices = { watchedAccounts: [WATCHED], watchedExternalId: undefined, partition: 'aws', endpoints: {} };
    expect(watchedAccounts(choices, { clock }).size).toBe(0);
  });
});
