import type { KeptAlarm } from '../../../../simulation/servers/cloudwatch.ts';

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:headroom';
export const CHANGED_AT = '2026-11-20T13:50:00.989Z';
export const REASON =
  'Threshold Crossed: 1 out of the last 1 datapoints [37.0 (20/11/26 13:49:00)] was greater than the threshold (10.0)';

/** As CloudWatch gives times. */
export function seconds(time: string): number {
  return Date.parse(time) / 1_000;
}

export function arnOf(name: string): string {
  return `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`;
}

/** An alarm in ALARM that tells our topic, as CloudWatch lists it. */
export function metricAlarm(given: Partial<KeptAlarm> = {}): KeptAlarm {
  const { AlarmName = 'lambda-throttles' } = given;
  return {
    AlarmName,
    AlarmArn: arnOf(AlarmName),
    AlarmDescription: 'example headroom_severity=2',
    StateValue: 'ALARM',
    StateReason: REASON,
    StateReasonData: '{"version":"1.0","period":60,"recentDatapoints":[37],"threshold":10}',
    StateUpdatedTimestamp: seconds('2026-11-20T13:55:00.000Z'),
    StateTransitionedTimestamp: seconds(CHANGED_AT),
    ActionsEnabled: true,
    AlarmActions: [TOPIC],
    Namespace: 'AWS/Lambda',
    MetricName: 'Throttles',
    Dimensions: [{ Name: 'FunctionName', Value: 'example-fn' }],
    Statistic: 'Sum',
    Period: 60,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    ...given,
  };
}
