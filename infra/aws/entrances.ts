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
    if (options.health)
      new events.Rule(this, 'Health', {
        description: 'Headroom: what AWS says of its own services; no support plan is needed for these events',
        eventPattern: { source: ['aws.health'], detailType: ['AWS Health Event'] },
        targets: [target],
      });
  }
}
