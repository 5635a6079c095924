import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template as Assertions, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENTRIES } from '../../../infra/entries.ts';
import { manifest } from '../../../infra/manifest.ts';
import { readConfig } from '../../../shared/config.ts';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { HEALTH_EVENT, transformed } from './event-bridge.ts';
import { EVERYTHING, type Synthesized, synthesize } from './synthesized.ts';

/** Five seconds of work where nothing else runs; on a machine that is busy with ten other files, many times that. */
const SYNTHESIS_MS = 240_000;

let made: Synthesized;
let stack: Assertions;
beforeAll(() => {
  made = synthesize(EVERYTHING);
  stack = Assertions.fromJSON(made.headroom);
}, SYNTHESIS_MS);
afterAll(() => made.remove());

/** Logical ids of what a type has, by a word in them. */
function idOf(type: string, word: string): string {
  const found = Object.keys(stack.findResources(type)).filter((id) => id.includes(word));
  expect(found, `${type} ${word}`).toHaveLength(1);
  return found[0] ?? '';
}

describe('the synthesized template', () => {
  test('breaks no rule of cdk-nag, and is the one that was looked through', async () => {
    await expect(`${JSON.stringify(made.headroom, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom.template.json',
    );
    await expect(`${JSON.stringify(made.watched, null, 2)}\n`).toMatchFileSnapshot(
      '../../golden/infra/headroom-watched-account.template.json',
    );
  });

  test('names no account and no region, so that a second region takes it as it is', () => {
    const text = JSON.stringify(made.headroom).replaceAll('210987654321', '');
    expect(text).not.toMatch(/\b\d{12}\b/);
    expect(text).not.toMatch(/\b(?:us|eu|ap|sa|ca|me|af)-[a-z]+-\d\b/);
  });

  test('a violation that nobody acknowledged stops the synthesis', () => {
    const app = new App({ analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const role = new iam.Role(new Stack(app, 'Seeded'), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
    expect(() => app.synth()).toThrow('AwsSolutions-IAM5[Action::s3:*]');
  });
});

describe('the functions', () => {
  test.each(ENTRIES)(
    '%s runs on Node 24 and arm64, traced, with its cache of compiled code, and a log that ends',
    (entry) => {
      stack.hasResourceProperties('AWS::Lambda::Function', {
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: { Ref: idOf('AWS::Logs::LogGroup', `Functions${titled(entry)}Logs`) } },
        Role: { 'Fn::GetAtt': [idOf('AWS::IAM::Role', `Functions${titled(entry)}Role`), 'Arn'] },
        Environment: {
          Variables: Match.objectLike({
            NODE_COMPILE_CACHE: '/tmp/compile-cache',
            HEADROOM_SLACK_CHANNEL: 'C0123456789',
            HEADROOM_PARTITION: { Ref: 'AWS::Partition' },
          }),
        },
      });
      stack.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: Match.anyValue() });
    },
  );

  test('secrets are references into Secrets Manager, a field each, and never values', () => {
    const arn = { Ref: idOf('AWS::SecretsManager::Secret', 'Secrets') };
    stack.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          HEADROOM_ALERT_TOKEN: { 'Fn::Join': ['', ['secretsmanager:', arn, '#alertToken']] },
          HEADROOM_SLACK_BOT_TOKEN: { 'Fn::Join': ['', ['secretsmanager:', arn, '#slackBotToken']] },
        }),
      },
    });
  });

  test.each(ENTRIES)(
    '%s may do what the manifest lists, use the key, write its log and its traces, and nothing else',
    (entry) => {
      const { Statement: statements } = policyOf(entry);
      const granted = statements.flatMap(({ Action }) => [Action].flat()).sort();
      const platform = [
        ...['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
        ...['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
        // Calls that failed go to a queue.
        ...(entry === 'receive' || entry === 'watch' ? ['sqs:SendMessage'] : []),
      ];
      const { aws, awsActions } = manifest().permissions;
      const listed = [...aws[entry], ...awsActions[entry]].flatMap(({ actions }) => actions);
      expect(granted).toEqual([...listed, ...platform].sort());
      const everywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => [Action].flat());
      const listedEverywhere = [...aws[entry], ...awsActions[entry]].flatMap(({ on, actions }) =>
        on === '*' ? actions : [],
      );
      expect(everywhere.sort()).toEqual(
        [...listedEverywhere, 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'].sort(),
      );
    },
  );

  test.each(ENTRIES)('%s gets a configuration without problems', (entry) => {
    const given =
      stack.findResources('AWS::Lambda::Function')[functionId(entry)]?.['Properties'].Environment?.Variables;
    const environment = Object.fromEntries(
      Object.entries(given ?? {}).map(([name, value]) => [name, resolved(name, value)]),
    );
    expect(environment).toMatchObject({ HEADROOM_RECORDS: 'dynamodb:sample', HEADROOM_ALERT_TOKEN: 'resolved' });
    const result = readConfig({ cloud: 'aws', environment });
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  test('alerts and chat are open to who shows a token that Headroom checks; incidents ask for IAM', () => {
    const authOf = (word: string) =>
      stack.findResources('AWS::Lambda::Url')[idOf('AWS::Lambda::Url', word)]?.['Properties']['AuthType'];
    expect([authOf('Receive'), authOf('Chat'), authOf('Read')]).toEqual(['NONE', 'NONE', 'AWS_IAM']);
  });

  test('work takes batches of ten, five at once, and says which messages failed; its queue waits six times its limit', () => {
    stack.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    const work = stack.findResources('AWS::Lambda::Function', {
      Properties: { Description: Match.stringLikeRegexp('^Headroom work') },
    });
    const [timeout] = Object.values(work).map(({ Properties }) => Properties['Timeout']);
    stack.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * timeout,
      MessageRetentionPeriod: 14 * 86_400,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
  });

  test('a flood at the public URLs is bounded where the account has room for it', () => {
    const reserved = (entry: string) =>
      stack.findResources('AWS::Lambda::Function')[functionId(entry)]?.['Properties']['ReservedConcurrentExecutions'];
    expect(ENTRIES.map(reserved)).toEqual([50, 20, undefined, undefined, undefined]);
  });

  test('watch is started every minute, by a role that starts nothing else, and not twice', () => {
    stack.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    stack.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: idOf('AWS::IAM::Role', 'ScheduleRole') }],
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Effect: 'Allow',
            Resource: { 'Fn::GetAtt': [functionId('watch'), 'Arn'] },
          },
        ],
      },
    });
  });
});

describe('what is kept', () => {
  test('records have a time to live, a backup of every second, a key of their own, and outlive the stack', () => {
    stack.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        DeletionProtectionEnabled: true,
      },
    });
    stack.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('payloads end after 14 days and evidence after 30, each a day after watch has seen to it', () => {
    stack.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ Prefix: 'payload-', ExpirationInDays: 15 }),
          Match.objectLike({ Prefix: 'evidence-', ExpirationInDays: 31 }),
        ]),
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    stack.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });
});

describe('how alarms come', () => {
  test('alarms of this account and of the watched one may call receive themselves', () => {
    for (const SourceAccount of [{ Ref: 'AWS::AccountId' }, '210987654321'])
      stack.hasResourceProperties('AWS::Lambda::Permission', {
        Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': [functionId('receive'), 'Arn'] },
        SourceAccount,
      });
  });

  test('a topic brings them too, and keeps what could not be delivered', () => {
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'lambda',
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [idOf('AWS::SQS::Queue', 'Undelivered'), 'Arn'] } },
    });
    stack.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': [{ Ref: 'AWS::AccountId' }, '210987654321'] } },
          }),
        ]),
      },
    });
  });

  test('what AWS says of its own services goes off and ends like an alarm, of the family platform', () => {
    const events = { open: HEALTH_EVENT, closed: { ...HEALTH_EVENT, time: '2026-01-05T11:30:00Z' } };
    const alerts = (['open', 'closed'] as const).map((status) => {
      const [rule] = Object.values(
        stack.findResources('AWS::Events::Rule', {
          Properties: { EventPattern: { detail: { statusCode: [status] } } },
        }),
      );
      const parsed = cloudwatch.parse(transformed(events[status], rule), '2026-01-05T12:00:00.000Z');
      if (!parsed.ok || !parsed.alerts[0]) throw new Error('not understood');
      return parsed.alerts[0];
    });
    const [fired, resolved] = alerts;
    expect(fired).toMatchObject({
      state: 'fired',
      rule: 'aws-health-STS-AWS_STS_OPERATIONAL_ISSUE',
      firedAt: '2026-01-05T10:00:00.000Z',
      custom: { headroom_family: 'platform', reason: expect.stringContaining('AWS Health: STS in eu-west-1') },
    });
    expect(resolved).toMatchObject({ state: 'resolved', instance: fired?.instance });
  });

  test('EventBridge brings alarms by the beginning of their names', () => {
    stack.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ prefix: 'throttling-' }] },
      },
    });
  });
});

describe('alarms on credentials', () => {
  test('count the lines of each shard, named by the line itself, and say of which they speak', () => {
    stack.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: '/runners/managers',
      FilterPattern: '{ ($.msg = "*no EC2 IMDS role found*") || ($.err = "*no EC2 IMDS role found*") }',
      MetricTransformations: [
        Match.objectLike({ MetricName: 'no_ec2_imds_role', Dimensions: [{ Key: 'shard', Value: '$.shard' }] }),
      ],
    });
    for (const Value of ['small', 'large'])
      stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'no_ec2_imds_role',
        Dimensions: [{ Name: 'shard', Value }],
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ 'Fn::GetAtt': [functionId('receive'), 'Arn'] }],
      });
  });

  test('count refusals of STS in the trail, and admit that they are late', () => {
    stack.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: 'trail',
      FilterPattern: Match.stringLikeRegexp('sts.amazonaws.com'),
    });
    stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'sts_throttled',
      AlarmDescription: Match.stringLikeRegexp('late.*silence proves nothing.*headroom_family=identity'),
    });
  });
});

describe('the watch from outside', () => {
  test('an hour without heartbeat is told by e-mail, past Headroom and past the key of the stack', () => {
    const silence = { Ref: idOf('AWS::SNS::Topic', 'Silence') };
    stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'heartbeat',
      Period: 900,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [silence],
    });
    stack.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.event = "heartbeat" }',
      LogGroupName: { Ref: idOf('AWS::Logs::LogGroup', 'WatchLogs') },
    });
    stack.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.org',
      TopicArn: silence,
    });
    stack.hasResourceProperties('AWS::SNS::Topic', {
      DisplayName: 'Headroom is silent',
      KmsMasterKeyId: Match.absent(),
    });
  });

  test('the canary rests in OK, calls receive like any other alarm, and may be set off by watch alone', () => {
    stack.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Headroom-canary',
      AlarmDescription: Match.stringLikeRegexp('headroom_canary=true'),
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ 'Fn::GetAtt': [functionId('receive'), 'Arn'] }],
    });
    for (const entry of ENTRIES)
      expect(JSON.stringify(policyOf(entry)).includes(':alarm:Headroom-canary'), entry).toBe(entry === 'watch');
  });
});

describe('a watched account', () => {
  test('lets the functions of the installation read what the manifest lists, by a word that both know', () => {
    const watched = Assertions.fromJSON(made.watched);
    watched.hasResourceProperties('AWS::IAM::Role', {
      RoleName: 'headroom-reader',
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Condition: Match.objectLike({ StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } }),
          }),
        ],
      },
    });
    const { work, watch } = manifest().permissions.aws;
    const listed = [...work, ...watch].flatMap(({ on, actions }) => (on === '*' ? actions : []));
    watched.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: [...new Set(listed)].sort() })] },
    });
  });
});

/** As AWS hands it to the function, secrets read. */
function resolved(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (name === 'HEADROOM_PARTITION') return 'aws';
  const parts: unknown = Object(value)['Fn::Join']?.[1];
  const [beginning] = Array.isArray(parts) ? parts : [];
  if (beginning === 'secretsmanager:') return 'resolved';
  return beginning === 'sqs:' ? 'sqs:https://sqs.eu-west-1.amazonaws.com/123456789012/work' : `${beginning}sample`;
}

function titled(entry: string): string {
  return entry.slice(0, 1).toUpperCase() + entry.slice(1);
}

function functionId(entry: string): string {
  const found = stack.findResources('AWS::Lambda::Function', {
    Properties: { Description: Match.stringLikeRegexp(`^Headroom ${entry}:`) },
  });
  return Object.keys(found)[0] ?? '';
}

type Statement = { Action: string | string[]; Resource: unknown };

function policyOf(entry: string): { Statement: Statement[] } {
  const role = { Ref: idOf('AWS::IAM::Role', `Functions${titled(entry)}Role`) };
  const [policy] = Object.values(stack.findResources('AWS::IAM::Policy', { Properties: { Roles: [role] } }));
  return policy?.['Properties']['PolicyDocument'];
}
