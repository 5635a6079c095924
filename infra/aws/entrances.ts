import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Options } from './options.ts';

type Props = { receive: lambda.Function; key: kms.IKey; undelivered: sqs.IQueue; options: Options };

/** The three ways by which alarms come: as an alarm's own action, by a topic, by EventBridge. Each change counts once. */
export class Entrances extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, { receive, key, undelivered, options }: Props) {
    super(scope, id);
    const { account } = Stack.of(this);
    const accounts = [account, ...options.watchedAccounts];
    for (const [index, sourceAccount] of accounts.entries())
      receive.addPermission(index === 0 ? 'OwnAlarms' : `AlarmsOf${sourceAccount}`, {
        principal: new iam.ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
        sourceAccount,
      });

    this.topic = new sns.Topic(this, 'Alarms', { masterKey: key, enforceSSL: true });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsOfTheseAccounts',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': accounts } },
      }),
    );
    this.topic.addSubscription(new subscriptions.LambdaSubscription(receive, { deadLetterQueue: undelivered }));

    const target = new targets.LambdaFunction(receive, { deadLetterQueue: undelivered });
    if (options.alarmNamePrefixes.length > 0)
      new events.Rule(this, 'AlarmChanges', {
        description: 'Headroom: changes of the alarms of these names',
        eventPattern: {
          source: ['aws.cloudwatch'],
          detailType: ['CloudWatch Alarm State Change'],
          detail: { alarmName: options.alarmNamePrefixes.map((prefix) => ({ prefix })) },
        },
        targets: [target],
      });
    if (options.health) toldByHealth(this, receive, undelivered);
  }
}

/** Services that credentials and secrets depend on, and those that this installation runs on. */
const HEALTH_SERVICES = ['STS', 'IAM', 'EC2', 'KMS', 'SECRETSMANAGER', 'LAMBDA', 'DYNAMODB', 'SQS', 'S3', 'CLOUDWATCH'];

/**
 * What AWS says of its own services comes in the form of an alarm that goes off and ends, so that it is an incident like any
 * other, of the family `platform`: it joins what is open in its scope.
 *
 * @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
function toldByHealth(scope: Construct, receive: lambda.IFunction, deadLetterQueue: sqs.IQueue): void {
  const { partition } = Stack.of(scope);
  const field = (path: string): string => events.EventField.fromPath(path);
  const name = `aws-health-${field('$.detail.service')}-${field('$.detail.eventTypeCode')}`;
  for (const [statusCode, value] of [
    ['open', 'ALARM'],
    ['closed', 'OK'],
  ] as const)
    new events.Rule(scope, `Health-${statusCode}`, {
      description: `Headroom: issues of AWS's own services that are ${statusCode}; needs no support plan`,
      eventPattern: {
        source: ['aws.health'],
        detailType: ['AWS Health Event'],
        detail: { service: HEALTH_SERVICES, eventTypeCategory: ['issue'], statusCode: [statusCode] },
      },
      targets: [
        new targets.LambdaFunction(receive, {
          deadLetterQueue,
          event: events.RuleTargetInput.fromObject({
            'detail-type': 'CloudWatch Alarm State Change',
            source: 'aws.cloudwatch',
            account: events.EventField.account,
            region: events.EventField.region,
            time: events.EventField.time,
            resources: [
              `arn:${partition}:cloudwatch:${events.EventField.region}:${events.EventField.account}:alarm:${name}`,
            ],
            detail: {
              alarmName: name,
              state: {
                value,
                timestamp: events.EventField.time,
                reason: `AWS Health: ${field('$.detail.service')} in ${events.EventField.region}, ${field('$.detail.eventArn')}`,
              },
              configuration: { description: 'What AWS says of its own service. headroom_family=platform' },
            },
          }),
        }),
      ],
    });
}
