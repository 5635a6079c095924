import { describe, expect, test } from 'vitest';
import { cloudwatch } from '../../../../shared/sources/cloudwatch.ts';
import { alertsOf, at, fixture, onlyAlert, RECEIVED_AT } from '../fixtures.ts';

const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:lambda-throttles';

function read(name: string) {
  return onlyAlert(cloudwatch.parse(fixture(`cloudwatch/${name}`), RECEIVED_AT));
}

function readBody(body: unknown) {
  return onlyAlert(cloudwatch.parse(body, RECEIVED_AT));
}

/** The direct invocation with the state of its alarm changed. */
function withState(changes: Record<string, unknown>) {
  const body = fixture('cloudwatch/lambda-metric');
  Object.assign(at(body, 'alarmData', 'state'), changes);
  return body;
}

describe('one change of one alarm', () => {
  test.each([
    ['a metric alarm', ['lambda-metric', 'sns-metric', 'sns-http-metric', 'eventbridge-metric']],
    ['a composite alarm', ['lambda-composite', 'sns-composite', 'eventbridge-composite']],
    ['a metric math alarm', ['lambda-metric-math', 'eventbridge-metric-math']],
    ['an anomaly alarm', ['sns-http-anomaly', 'eventbridge-anomaly']],
  ])('of %s has one id, instance, resource and moment in every envelope', (_what, names) => {
    const [first, ...others] = names.map(read);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others)
      for (const field of ['id', 'instance', 'resource', 'firedAt', 'rule', 'category', 'state'] as const)
        expect(other[field]).toEqual(first?.[field]);
  });

  test('has one id also as an EventBridge event through SNS, and as a message without envelope', () => {
    const event = { Type: 'Notification', Message: JSON.stringify(fixture('cloudwatch/eventbridge-metric')) };
    const bare = JSON.parse(String(fixture('cloudwatch/sns-http-metric')['Message']));
    expect([readBody(event).id, readBody(bare).id]).toEqual([read('lambda-metric').id, read('lambda-metric').id]);
  });

  test('has the same id when its moment is spelt otherwise, and another for another moment or state', () => {
    const { id } = read('lambda-metric');
    expect(readBody(withState({ timestamp: '2026-01-05T10:01:00.989123Z' })).id).toBe(id);
    expect(readBody(withState({ timestamp: '2026-01-05T10:01:00.990+0000' })).id).not.toBe(id);
    expect(readBody(withState({ value: 'OK' })).id).not.toBe(id);
  });
});

describe('an SNS delivery', () => {
  test('of two records gives two alerts', () => {
    const [metric, composite] = ['sns-metric', 'sns-composite'].map((name) => fixture(`cloudwatch/${name}`)['Records']);
    const Records = [metric, composite].flat();
    expect(alertsOf(cloudwatch.parse({ Records }, RECEIVED_AT)).map((alert) => alert.rule)).toEqual([
      'lambda-throttles',
      'composite-main',
    ]);
  });

  test.each([
    ['a message that is no JSON', '{"AlarmName"', 'Records[1].Sns.Message', /should be JSON/],
    ['a message of another product', '{"schemaId":"azureMonitorCommonAlertSchema"}', 'Records[1].Sns.Message', /Azure/],
    ['a message of nobody', '[1]', 'Records[1].Sns.Message', /no CloudWatch alarm/],
    ['an alarm without a name', '{"AlarmName":"","NewStateValue":"OK"}', 'Records[1].Sns.Message.AlarmName', /long/],
  ])('with %s beside an alarm is refused at its path', (_what, Message, path, error) => {
    const Records = [fixture('cloudwatch/sns-metric')['Records'], { Sns: { Message } }].flat();
    expect(cloudwatch.parse({ Records }, RECEIVED_AT)).toMatchObject({
      ok: false,
      path,
      error: expect.stringMatching(error),
    });
  });

  test.each([
    [
      'a subscription confirmation',
      { Type: 'SubscriptionConfirmation', Message: 'You have chosen' },
      /confirms subscriptions/,
    ],
    ['a notification of something else', { Type: 'Notification', Message: 'hello' }, /topic of their own/],
    ['another event', { 'detail-type': 'CloudWatch Alarm Configuration Change', detail: {} }, /Limit the rule/],
    ['an Azure alert', fixture('azure/log-v2-fired'), /POST \/api\/alerts\/azure/],
  ])('%s is refused with the next step', (_what, body, error) => {
    expect(cloudwatch.parse(body, RECEIVED_AT)).toMatchObject({
      ok: false,
      path: '',
      error: expect.stringMatching(error),
    });
  });
});

describe('an event that is not whole', () => {
  test.each([
    [{ alarmData: {}, alarmArn: 5 }, 'alarmArn'],
    [{ alarmData: {}, alarmArn: ALARM }, 'alarmData.state'],
    [{ 'detail-type': 'CloudWatch Alarm State Change', resources: [], detail: {} }, 'resources'],
    [{ 'detail-type': 'CloudWatch Alarm State Change', resources: [ALARM] }, 'detail'],
    [{ AlarmName: 'a', NewStateValue: 'WARN' }, 'NewStateValue'],
  ])('is refused at its path (%#)', (body, path) => {
    expect(cloudwatch.parse(body, RECEIVED_AT)).toMatchObject({ ok: false, path });
  });
});
