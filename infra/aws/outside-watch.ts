import { Duration, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { callsFunction, NAMESPACE } from './alarms.ts';

const FIFTEEN_MINUTES = Duration.minutes(15);

type Props = {
  watchLogs: logs.ILogGroup;
  receive: lambda.IFunction;
  deadLetters: sqs.IQueue;
  undelivered: sqs.IQueue;
  canaryAlarmName: string;
  email: string | undefined;
};

/** Who tells when Headroom is silent: CloudWatch and SNS alone, straight to an e-mail address. */
export class OutsideWatch extends Construct {
  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    const topic = new sns.Topic(this, 'Silence', { displayName: 'Headroom is silent', enforceSSL: true });
    Validations.of(topic).acknowledge({
      id: 'AwsSolutions-SNS2',
      reason:
        'It carries the names of four alarms and must still speak when the key of this stack is disabled; CloudWatch cannot use the key of SNS.',
    });
    if (props.email !== undefined) topic.addSubscription(new subscriptions.EmailSubscription(props.email));
    const tell = new actions.SnsAction(topic);

    new logs.MetricFilter(this, 'Beats', {
      logGroup: props.watchLogs,
      filterPattern: logs.FilterPattern.stringValue('$.event', '=', 'heartbeat'),
      metricNamespace: NAMESPACE,
      metricName: 'heartbeat',
      metricValue: '1',
    });
    new cloudwatch.Alarm(this, 'Heartbeat', {
      alarmDescription:
        'Headroom has shown no sign of life for 15 minutes, or its canary is late: docs/operations.md, "Is it alive?"',
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: 'heartbeat',
        statistic: 'Sum',
        period: FIFTEEN_MINUTES,
      }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    }).addAlarmAction(tell);

    someIn(
      this,
      'DeadLetters',
      props.deadLetters,
      'Work has failed for good: headroom replay --list --dead.',
    ).addAlarmAction(tell);
    someIn(
      this,
      'Undelivered',
      props.undelivered,
      'AWS could not call Headroom for six hours; the calls lie in this queue.',
    ).addAlarmAction(tell);
    new cloudwatch.Alarm(this, 'ReceiveErrors', {
      alarmDescription: 'Alerts cannot be taken in: see the log of receive.',
      metric: props.receive.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(tell);

    // Rests in OK, since its metric is never written; `watch` sets it off each hour, and it comes the whole way.
    new cloudwatch.Alarm(this, 'Canary', {
      alarmName: props.canaryAlarmName,
      alarmDescription: 'The canary of Headroom, set off every hour and shown to nobody. headroom_canary=true',
      metric: new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName: 'canary',
        statistic: 'Sum',
        period: FIFTEEN_MINUTES,
      }),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(callsFunction(props.receive));
  }
}

function someIn(scope: Construct, id: string, queue: sqs.IQueue, alarmDescription: string): cloudwatch.Alarm {
  return new cloudwatch.Alarm(scope, id, {
    alarmDescription,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
    threshold: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}
