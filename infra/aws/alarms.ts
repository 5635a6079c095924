import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Options } from './options.ts';

export const NAMESPACE = 'Headroom';

const FIVE_MINUTES = Duration.minutes(5);

/** An alarm that calls a function: who may do so stands once in the function's own policy. */
export function callsFunction(fn: lambda.IFunction): cloudwatch.IAlarmAction {
  return { bind: () => ({ alarmActionArn: fn.functionArn }) };
}

/** Alarms on the credential plane, which no metric of AWS shows: they are counted in logs. */
export class CredentialAlarms extends Construct {
  constructor(scope: Construct, id: string, { receive, options }: { receive: lambda.IFunction; options: Options }) {
    super(scope, id);
    const action = callsFunction(receive);
    for (const [index, source] of options.runnerLogs.entries())
      noRoleFound(this, `Runner${index}`, source, options, action);
    if (options.trailLogGroup !== undefined) stsThrottled(this, options.trailLogGroup, options, action);
  }
}

/**
 * Jobs fail for their cache when the metadata service is throttled, and only the runner manager's log says so. The shard
 * comes from the line itself, so the alarm of each shard names it.
 */
function noRoleFound(
  scope: Construct,
  id: string,
  { logGroup, shardField, shards }: Options['runnerLogs'][number],
  { thresholds }: Options,
  action: cloudwatch.IAlarmAction,
): void {
  const words = '*no EC2 IMDS role found*';
  new logs.MetricFilter(scope, `${id}NoRole`, {
    logGroup: logs.LogGroup.fromLogGroupName(scope, `${id}Logs`, logGroup),
    filterPattern: logs.FilterPattern.any(
      logs.FilterPattern.stringValue('$.msg', '=', words),
      logs.FilterPattern.stringValue('$.err', '=', words),
    ),
    metricNamespace: NAMESPACE,
    metricName: 'no_ec2_imds_role',
    metricValue: '1',
    dimensions: { shard: shardField },
  });
  for (const shard of shards)
    new cloudwatch.Alarm(scope, `${id}NoRole-${shard}`, {
      alarmDescription: `Runner managers of shard ${shard} get no credentials from the metadata service: caches fail, and jobs with them. headroom_family=identity`,
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: 'no_ec2_imds_role',
        dimensionsMap: { shard },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      }),
      threshold: thresholds.noRoleLines,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(action);
}

/** STS has no metric for it. CloudTrail is minutes late, and not every refused call may stand there: silence proves nothing. */
function stsThrottled(
  scope: Construct,
  logGroup: string,
  { thresholds }: Options,
  action: cloudwatch.IAlarmAction,
): void {
  const refused = ['Throttling', 'ThrottlingException', 'RequestLimitExceeded'].map((code) =>
    logs.FilterPattern.stringValue('$.errorCode', '=', code),
  );
  new logs.MetricFilter(scope, 'StsThrottled', {
    logGroup: logs.LogGroup.fromLogGroupName(scope, 'Trail', logGroup),
    filterPattern: logs.FilterPattern.all(
      logs.FilterPattern.stringValue('$.eventSource', '=', 'sts.amazonaws.com'),
      logs.FilterPattern.any(...refused),
    ),
    metricNamespace: NAMESPACE,
    metricName: 'sts_throttled',
    metricValue: '1',
    dimensions: { operation: '$.eventName' },
  });
  new cloudwatch.Alarm(scope, 'StsThrottledAlarm', {
    alarmDescription:
      'STS refuses AssumeRole. From CloudTrail, so 5 to 15 minutes late, and silence proves nothing. headroom_family=identity',
    metric: new cloudwatch.Metric({
      namespace: NAMESPACE,
      metricName: 'sts_throttled',
      dimensionsMap: { operation: 'AssumeRole' },
      statistic: 'Sum',
      period: FIVE_MINUTES,
    }),
    threshold: thresholds.stsThrottles,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  }).addAlarmAction(action);
}
