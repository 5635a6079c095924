import { describe, expect, test } from 'vitest';
import { UNKEPT_PAYLOAD } from '../../../shared/sources/alert.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { at, fixture, onlyAlert, RECEIVED_AT } from './fixtures.ts';

const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:lambda-throttles';
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:example-fn';

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

/** The SNS notification over HTTP with its message changed. */
function withMessage(changes: Record<string, unknown>) {
  const body = fixture('cloudwatch/sns-http-metric');
  body['Message'] = JSON.stringify({ ...JSON.parse(String(body['Message'])), ...changes });
  return body;
}

describe('a metric alarm', () => {
  test('carries all that its payload says', () => {
    expect(read('lambda-metric')).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      instance: ALARM,
      source: 'cloudwatch',
      category: 'metric',
      rule: 'lambda-throttles',
      ruleId: ALARM,
      reference: ALARM,
      severity: 3,
      state: 'fired',
      firedAt: '2026-01-05T10:01:00.989Z',
      receivedAt: RECEIVED_AT,
      resource: {
        cloud: 'aws',
        id: FUNCTION,
        name: 'example-fn',
        type: 'AWS::Lambda::Function',
        scope: '111122223333',
        region: 'us-east-1',
      },
      description: 'example',
      signals: [
        {
          metric: 'Throttles',
          namespace: 'AWS/Lambda',
          threshold: 10,
          value: 37,
          aggregation: 'Sum',
          windowSeconds: 60,
          dimensions: { FunctionName: 'example-fn' },
        },
      ],
      links: [
        {
          label: 'CloudWatch alarm',
          url: 'https://us-east-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=us-east-1#alarmsV2:alarm/lambda-throttles',
        },
      ],
      custom: { reason: expect.stringMatching(/^Threshold Crossed: 1 out of/), previousState: 'OK' },
      payload: UNKEPT_PAYLOAD,
    });
  });

  test('through SNS tells how it compares', () => {
    expect(read('sns-metric').signals).toMatchObject([
      { metric: 'Throttles', operator: 'GreaterThanThreshold', threshold: 10, value: 37, aggregation: 'Sum' },
    ]);
  });

  test('of metric math gives the expression first, then each metric in it once', () => {
    expect(read('lambda-metric-math').signals).toEqual([
      {
        metric: 'Total throttles',
        aggregation: 'SUM(METRICS())',
        threshold: 10,
        value: 37,
        windowSeconds: 60,
        dimensions: {},
      },
      {
        metric: 'Throttles',
        namespace: 'AWS/Lambda',
        aggregation: 'Sum',
        windowSeconds: 60,
        dimensions: { FunctionName: 'example-fn' },
      },
    ]);
  });

  test('of metric math gives the expression first wherever it stands', () => {
    const body = fixture('cloudwatch/lambda-metric-math');
    const configuration = at(body, 'alarmData', 'configuration');
    configuration['metrics'] = [configuration['metrics']].flat().reverse();
    expect(readBody(body).signals).toEqual(read('lambda-metric-math').signals);
  });

  test('that lists its metric twice gives it once, with value and threshold', () => {
    const body = fixture('cloudwatch/lambda-metric');
    const configuration = at(body, 'alarmData', 'configuration');
    configuration['metrics'] = [configuration['metrics'], configuration['metrics']].flat();
    expect(readBody(body).signals).toEqual(read('lambda-metric').signals);
  });

  test('of any name links to its page', () => {
    const body = { ...fixture('cloudwatch/lambda-metric'), alarmArn: `${ALARM} #2/ü?` };
    expect(readBody(body).links[0]?.url).toMatch(/#alarmsV2:alarm\/lambda-throttles%20%232%2F%C3%BC%3F$/);
  });

  test('of metric math through SNS evaluates over the period of its trigger', () => {
    expect(read('sns-metric-math').signals).toMatchObject([
      { metric: 'Expression1', windowSeconds: 60 },
      { metric: 'Throttles', windowSeconds: 60 },
    ]);
  });

  test.each([['eventbridge-anomaly'], ['sns-http-anomaly']])(
    'on a band gives the metric and the side passed: %s',
    (name) => {
      expect(read(name).signals).toMatchObject([{ metric: 'Throttles', value: 37, threshold: 12.3 }]);
    },
  );

  test('below its band gives the lower side', () => {
    const body = fixture('cloudwatch/eventbridge-anomaly');
    at(body, 'detail', 'state')['reasonData'] =
      '{"recentDatapoints":[5,0.01],"recentLowerThresholds":[0.02],"recentUpperThresholds":[12.3]}';
    expect(readBody(body).signals).toMatchObject([{ value: 0.01, threshold: 0.02 }]);
  });

  test('gives the newest of several evaluated values', () => {
    const evaluatedDatapoints = [
      { timestamp: '2026-01-05T10:00:00.000+0000', value: 40 },
      { timestamp: '2026-01-05T09:59:00.000+0000', value: 30 },
      { timestamp: '2026-01-05T10:01:00.000+0000' },
    ];
    const reasonData = JSON.stringify({ recentDatapoints: [30, 40], evaluatedDatapoints, threshold: 10 });
    expect(readBody(withState({ reasonData })).signals).toMatchObject([{ value: 40, threshold: 10 }]);
  });

  test.each([
    ['broken', '{"version": "1.0", "recentDatapoints": [37'],
    ['missing', undefined],
    ['null', null],
    ['no object', '[37]'],
  ])('whose reason data is %s takes value and threshold from the reason', (_what, reasonData) => {
    expect(readBody(withState({ reasonData })).signals).toMatchObject([{ value: 37, threshold: 10 }]);
  });

  test('set by hand, without reason data or numbers, is still read', () => {
    const { signals, state } = read('lambda-metric-insufficient-prev');
    expect(state).toBe('fired');
    expect(signals.map((signal) => Object.keys(signal))).toEqual([
      ['metric', 'namespace', 'aggregation', 'windowSeconds', 'dimensions'],
    ]);
  });
});

describe('the state of an alarm', () => {
  test('OK resolves what began with the state before', () => {
    expect(read('lambda-metric-ok')).toMatchObject({
      state: 'resolved',
      firedAt: '2026-01-05T10:01:00.989Z',
      resolvedAt: '2026-01-05T10:15:00.989Z',
    });
    expect(read('lambda-metric-ok').instance).toBe(read('lambda-metric').instance);
  });

  test('OK through SNS, which does not tell since when, resolves at the moment it began', () => {
    const alert = readBody(withMessage({ NewStateValue: 'OK', OldStateValue: 'ALARM' }));
    expect(alert).toMatchObject({ state: 'resolved', firedAt: '2026-01-05T10:01:00.989Z', resolvedAt: alert.firedAt });
  });

  test('INSUFFICIENT_DATA is no data', () => {
    expect(read('eventbridge-insufficient-data').state).toBe('no-data');
  });

  test.each([['BROKEN'], [null], [3]])('%s is refused at its path', (value) => {
    expect(cloudwatch.parse(withState({ value }), RECEIVED_AT)).toMatchObject({
      ok: false,
      path: 'alarmData.state.value',
    });
  });

  test('without a usable moment changes at the moment of its envelope, and the alert says so', () => {
    const alert = readBody(withState({ timestamp: 'now' }));
    expect(alert.firedAt).toBe('2026-01-05T10:01:01.490Z');
    const later = readBody({ ...withState({ timestamp: 'now' }), time: '2026-01-05T10:02:01.490+0000' });
    expect(later.id).not.toBe(alert.id);
    expect(alert.custom['headroom_time']).toBe("implausible state timestamp 'now': 2026-01-05T10:01:01.490Z stands in");
  });
});

describe('a composite alarm', () => {
  test.each([['lambda-composite'], ['sns-composite'], ['eventbridge-composite']])('names its children: %s', (name) => {
    const alert = read(name);
    expect(alert).toMatchObject({ category: 'composite', resource: { type: 'AWS::CloudWatch::Alarm' } });
    expect(alert.custom['alarmRule']).toBe('ALARM(child-1) OR ALARM(child-2)');
    expect(alert.signals).toMatchObject([{ metric: 'child-1', dimensions: { state: 'ALARM' } }]);
  });

  test('without children gives its rule', () => {
    const body = fixture('cloudwatch/lambda-composite');
    at(body, 'alarmData', 'state')['reasonData'] = '{"triggeringAlarms":[]}';
    expect(readBody(body).signals).toMatchObject([{ metric: 'ALARM(child-1) OR ALARM(child-2)' }]);
  });

  test('says when its actions are suppressed', () => {
    const body = fixture('cloudwatch/lambda-composite');
    Object.assign(at(body, 'alarmData', 'state'), {
      actionsSuppressedBy: 'WaitPeriod',
      actionsSuppressedReason: 'Actions suppressed by WaitPeriod',
    });
    expect(readBody(body).custom).toMatchObject({
      actionsSuppressedBy: 'WaitPeriod',
      actionsSuppressedReason: 'Actions suppressed by WaitPeriod',
    });
  });
});

describe('what an alarm says of itself', () => {
  test('in its tags overrides severity', () => {
    expect(read('eventbridge-metric-tags')).toMatchObject({ severity: 1, custom: { team: 'platform' } });
  });

  test('in tags written as a list is read too', () => {
    expect(readBody(withMessage({ AlarmTags: [{ Key: 'headroom_canary', Value: 'true' }] })).synthetic).toBe('canary');
  });

  test('in words of its description is read in every envelope', () => {
    const words = 'Vault clients. headroom_severity=0, headroom_family=identity; headroom_canary=true';
    expect(readBody(withMessage({ AlarmDescription: words }))).toMatchObject({
      severity: 0,
      synthetic: 'canary',
      custom: { headroom_family: 'identity' },
    });
  });

  test('names the resource of a metric that has none', () => {
    const vault = '/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv-contoso';
    const Trigger = { MetricName: 'Refused', Namespace: 'Custom', Dimensions: [] };
    const alert = readBody(withMessage({ AlarmDescription: `headroom_resource=${vault}`, Trigger }));
    expect(alert.resource).toMatchObject({ cloud: 'azure', id: vault });
  });
});

describe('an alarm whose ARN is missing or strange', () => {
  test('in an old SNS message gets it from its topic', () => {
    expect(readBody(withMessage({ AlarmArn: undefined }))).toMatchObject({ ruleId: ALARM, id: read('sns-metric').id });
  });

  test('is still read, and is about its rule', () => {
    const alert = readBody({
      ...fixture('cloudwatch/lambda-composite'),
      alarmArn: 'arn:aws:cloudwatch:REGION:ACCOUNT:alarm:x',
    });
    expect(alert.resource).toMatchObject({
      cloud: 'aws',
      id: 'aws:111122223333:composite-main',
      scope: '111122223333',
    });
    expect(alert.links).toEqual([]);
  });
});
