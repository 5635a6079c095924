import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { actorRole } from '../../../../shared/adapters/aws/actor-role.ts';
import { openAlarmReadBack, openMuteRules } from '../../../../shared/adapters/aws/alarms.ts';
import type { ControlPlane } from '../../../../shared/ports.ts';
import { type CloudWatchServer, startCloudWatch } from '../../../../simulation/servers/cloudwatch.ts';
import { type StsServer, startSts } from '../../../../simulation/servers/sts.ts';
import { fakeClock } from '../../../kit.ts';
import { arnOf, metricAlarm } from './alarms-kit.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Headroom-Actor1A2B3C';
const OWN_KEY = 'AKIAOWNOWNOWNOWN';
const TARGET = { kind: 'mute-rule', id: 'headroom-k3f7q2ab', resource: arnOf('lambda-throttles') };
const DESIRED = { alarms: ['lambda-throttles'], from: '2026-11-20T14:01:00.000Z', minutes: 120 };

let sts: StsServer;
let cloudwatch: CloudWatchServer;
let clock: ReturnType<typeof fakeClock>;
beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', OWN_KEY);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  clock = fakeClock();
  [sts, cloudwatch] = await Promise.all([startSts(() => clock.now()), startCloudWatch()]);
  sts.roles.set(ROLE, null);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([sts.close(), cloudwatch.close()]);
});

function actor(role: string | undefined = ROLE) {
  return actorRole({ actorRole: role, endpoints: { STS: sts.origin } }, { clock });
}

function muteRules(): ControlPlane {
  const reach = { endpoint: cloudwatch.origin, credentials: actor() };
  const [plane] = openMuteRules({ actions: 'on', actorRole: ROLE }, reach);
  if (plane === undefined) throw new Error('there are no mute rules');
  return plane;
}

/** Access keys that requests to CloudWatch were signed with, in order. */
function signers(): string[] {
  return cloudwatch.received.map(({ headers }) => /Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? '');
}

function failureOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((thrown: unknown) => thrown);
}

describe('the role that acts', () => {
  test('signs each request about a mute rule, taken on once', async () => {
    const plane = muteRules();
    await plane.write(TARGET, DESIRED, null);
    expect(cloudwatch.muteRules.get(TARGET.id)).toMatchObject({ MuteTargets: { AlarmNames: ['lambda-throttles'] } });
    const [session] = sts.sessions;
    expect(session?.role).toBe(ROLE);
    expect(new Set(signers())).toEqual(new Set([session?.accessKeyId]));
    expect(cloudwatch.received[0]?.headers['x-amz-security-token']).toBe(`token-of-${session?.accessKeyId}`);
    expect(sts.asked).toBe(1);
  });

  test('reads no alarm: that is done with the role of this process', async () => {
    cloudwatch.metricAlarms.push(metricAlarm());
    muteRules();
    await openAlarmReadBack({ endpoint: cloudwatch.origin }).read(arnOf('lambda-throttles'));
    expect(signers()).toEqual([OWN_KEY]);
    expect(sts.asked).toBe(0);
  });

  test('where it lets nobody in says what to deploy, not what to grant it, and nothing is asked of CloudWatch', async () => {
    sts.roles.clear();
    expect(await failureOf(muteRules().read(TARGET))).toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/^taking on the role that acts failed: 403 AccessDenied$/),
      nextStep: expect.stringMatching(/^deploy the stack with HEADROOM_ACTIONS on, .*role\/Headroom-Actor1A2B3C/),
    });
    expect(cloudwatch.received).toEqual([]);
  });

  test('where it may not mute, the command that grants it names it', async () => {
    cloudwatch.weather.next = () => ({ status: 403, body: '{"__type":"AccessDeniedException"}' });
    expect(await failureOf(muteRules().read(TARGET))).toMatchObject({
      kind: 'denied',
      nextStep: expect.stringContaining('--role-name Headroom-Actor1A2B3C --policy-name headroom-mute'),
    });
  });

  test('is nobody where none is named, and no mute rule is offered where actions are off', () => {
    expect(actorRole({ actorRole: undefined, endpoints: {} }, { clock })).toBeUndefined();
    expect(openMuteRules({ actions: 'off', actorRole: ROLE }, { credentials: actor() })).toEqual([]);
  });
});
