import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAlarms, openCanaryAlarm } from '../../../../shared/adapters/aws/alarms.ts';
import type { FiringAlert } from '../../../../shared/ports.ts';
import { cloudwatch } from '../../../../shared/sources/cloudwatch.ts';
import { type CloudWatchServer, type KeptAlarm, startCloudWatch } from '../../../../simulation/servers/cloudwatch.ts';
import { arnOf, CHANGED_AT, metricAlarm, REASON, seconds, TOPIC } from './alarms-kit.ts';

const SINCE = '2026-11-20T13:00:00.000Z';
const MARK = { name: 'headroom_reconciled', value: 'found' };
let server: CloudWatchServer;

beforeEach(async () => {
  server = await startCloudWatch();
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

function compositeAlarm(given: Partial<KeptAlarm> = {}): KeptAlarm {
  const { AlarmName = 'composite-main' } = given;
  return {
    AlarmName,
    AlarmArn: arnOf(AlarmName),
    AlarmRule: 'ALARM(child-1)',
    StateValue: 'ALARM',
    StateReason: 'child-1 transitioned to ALARM',
    StateReasonData: `{"triggeringAlarms":[{"arn":"${arnOf('child-1')}","state":{"value":"ALARM"}}]}`,
    StateUpdatedTimestamp: seconds('2026-11-20T13:55:00.138Z'),
    StateTransitionedTimestamp: seconds(CHANGED_AT),
    ActionsEnabled: true,
    AlarmActions: [TOPIC],
    ...given,
  };
}

function list(limit = 500): Promise<{ alerts: FiringAlert[]; complete: boolean }> {
  return openAlarms([TOPIC], { endpoint: server.origin }).list({ since: SINCE, limit, mark: MARK });
}

/** What EventBridge sends of the same change. */
function event(name: string, timestamp: string, configuration: object, reason: object): unknown {
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: '2026-11-20T13:50:01Z',
    resources: [arnOf(name)],
    detail: { alarmName: name, state: { value: 'ALARM', timestamp, ...reason }, configuration },
  };
}

describe('an alarm in ALARM', () => {
  test('is the same alert as its notification', async () => {
    server.metricAlarms.push(metricAlarm());
    const { alerts, complete } = await list();
    expect(complete).toBe(true);
    expect(alerts).toMatchObject([
      { source: 'cloudwatch', rule: 'lambda-throttles', firedAt: CHANGED_AT, notifies: [TOPIC] },
    ]);
    const metric = { namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: 'example-fn' } };
    const metrics = [{ id: 'x', metricStat: { metric, period: 60, stat: 'Sum' }, returnData: true }];
    const reasonData = metricAlarm()['StateReasonData'];
    expectSame(
      alerts[0]?.body,
      event(
        'lambda-throttles',
        '2026-11-20T13:50:00.989+0000',
        { description: 'example headroom_severity=2', metrics },
        { reason: REASON, reasonData },
      ),
    );
  });

  test('that combines others is the same alert as its notification', async () => {
    server.compositeAlarms.push(compositeAlarm());
    const { StateReason: reason, StateReasonData: reasonData } = compositeAlarm();
    expectSame(
      (await list()).alerts[0]?.body,
      event('composite-main', '2026-11-20T13:55:00.138+0000', { alarmRule: 'ALARM(child-1)' }, { reason, reasonData }),
    );
  });

  test('keeps the metrics of its expression', async () => {
    const Metric = { Namespace: 'AWS/Lambda', MetricName: 'Throttles', Dimensions: [] };
    const Metrics = [
      { Id: 'e1', Expression: 'm1 / 60', Label: 'throttles a second', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: false },
    ];
    server.metricAlarms.push(metricAlarm({ Metrics, MetricName: undefined, Namespace: undefined }));
    const parsed = cloudwatch.parse((await list()).alerts[0]?.body, SINCE);
    expect(parsed.ok && parsed.alerts[0]?.signals.map(({ metric }) => metric)).toEqual([
      'throttles a second',
      'Throttles',
    ]);
  });

  test.each<[string, () => void, string | undefined]>([
    [
      'with its actions switched off',
      () => server.metricAlarms.push(metricAlarm({ ActionsEnabled: false })),
      'its actions are switched off',
    ],
    [
      'that is muted',
      () => {
        server.metricAlarms.push(metricAlarm());
        server.muted.add('lambda-throttles');
      },
      'an alarm mute rule is active',
    ],
    [
      'that a suppressor holds back',
      () => server.compositeAlarms.push(compositeAlarm({ ActionsSuppressedBy: 'Alarm' })),
      'its actions are suppressed by its Alarm',
    ],
    ['that nothing holds back', () => server.compositeAlarms.push(compositeAlarm()), undefined],
  ])('%s', async (_what, keep, suppressed) => {
    keep();
    expect((await list()).alerts.map((alert) => alert.suppressed)).toEqual([suppressed]);
  });

  test.each<[string, Partial<KeptAlarm>]>([
    ['that notifies somebody else', { AlarmActions: [`${TOPIC}-of-others`] }],
    ['that notifies nobody', { AlarmActions: [] }],
    ['that is over', { StateValue: 'OK' }],
    ['that changed before', { StateTransitionedTimestamp: seconds('2026-11-20T12:59:59.999Z') }],
  ])('%s is not listed, and its mute rules are not asked for', async (_what, given) => {
    server.metricAlarms.push(metricAlarm(given));
    expect(await list()).toEqual({ alerts: [], complete: true });
    expect(server.received).toHaveLength(1);
  });

  test('is found on any page, oldest first', async () => {
    for (let n = 0; n < 230; n += 1)
      server.metricAlarms.push(metricAlarm({ AlarmName: `other-${n}`, AlarmActions: [] }));
    server.metricAlarms.push(metricAlarm({ AlarmName: 'later', StateTransitionedTimestamp: seconds(SINCE) + 60 }));
    server.compositeAlarms.push(compositeAlarm({ StateUpdatedTimestamp: seconds(SINCE) + 30 }));
    expect((await list()).alerts.map(({ rule }) => rule)).toEqual(['composite-main', 'later']);
  });

  test.each([
    [2, 2, false],
    [3, 3, true],
  ])('with a limit of %i gives %i of 3, complete: %s', async (limit, given, complete) => {
    for (let n = 0; n < 3; n += 1) server.metricAlarms.push(metricAlarm({ AlarmName: `alarm-${n}` }));
    const listed = await list(limit);
    expect([listed.alerts.length, listed.complete]).toEqual([given, complete]);
  });
});

function expectSame(listed: unknown, sent: unknown): void {
  const at = '2026-11-20T14:00:00.000Z';
  const [one, other] = [cloudwatch.parse(listed, at), cloudwatch.parse(sent, at)];
  if (!one.ok || !other.ok) throw new Error('not understood');
  const [{ custom, ...found } = { custom: {} }] = one.alerts;
  const [{ custom: sentCustom, ...expected } = { custom: {} }] = other.alerts;
  expect(found).toEqual(expected);
  expect(custom).toEqual({ ...sentCustom, headroom_reconciled: 'found' });
}

describe('CloudWatch, when it fails', () => {
  test.each([
    ['denied', { status: 400, body: '{"__type":"AccessDeniedException"}' }],
    ['unavailable', { status: 500, body: '{}' }],
  ])('is %s', async (kind, fault) => {
    server.faults.push(
      ...Array.from({ length: 3 }, () => ({ ...fault, headers: { 'content-type': 'application/x-amz-json-1.0' } })),
    );
    await expect(list()).rejects.toMatchObject({ kind });
  });

  test('that knows no mute rules mutes nothing', async () => {
    const listed = { status: 200, body: JSON.stringify({ MetricAlarms: [metricAlarm()] }) };
    server.faults.push(listed, { status: 400, body: '{"__type":"UnknownOperationException"}' });
    expect((await list()).alerts.map(({ suppressed }) => suppressed)).toEqual([undefined]);
  });

  test('names the actions that the role must be allowed', async () => {
    server.faults.push({ status: 400, body: '{"__type":"AccessDeniedException"}' });
    await expect(list()).rejects.toMatchObject({ nextStep: expect.stringContaining('cloudwatch:DescribeAlarms') });
  });
});

describe('the canary alarm', () => {
  test('is set to OK and then to ALARM, which tells when', async () => {
    server.metricAlarms.push(metricAlarm({ AlarmName: 'headroom-canary' }));
    await openCanaryAlarm('headroom-canary', { endpoint: server.origin }).setOff('2026-11-20T14:00:00.000Z');
    expect(server.set).toEqual([
      { alarm: 'headroom-canary', state: 'OK', reason: 'Headroom makes its canary ready' },
      { alarm: 'headroom-canary', state: 'ALARM', reason: 'Headroom sets off its canary at 2026-11-20T14:00:00.000Z' },
    ]);
  });

  test('that was never made is a wrong configuration', async () => {
    const alarm = openCanaryAlarm('headroom-canary', { endpoint: server.origin });
    await expect(alarm.setOff('2026-11-20T14:00:00.000Z')).rejects.toMatchObject({ kind: 'configuration' });
  });
});
