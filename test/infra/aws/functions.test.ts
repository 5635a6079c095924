import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ENTRIES } from '../../../infra/entries.ts';
import { manifest } from '../../../infra/manifest.ts';
import { readConfig } from '../../../shared/config.ts';
import { functionId, idOf, policyOf, stack, titled } from './templates.ts';

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
      const { aws, awsActions, awsWatchedAccounts } = manifest().permissions;
      const listed = [...aws[entry], ...awsActions[entry], ...awsWatchedAccounts[entry]].flatMap(
        ({ actions }) => actions,
      );
      expect(granted).toEqual([...listed, ...platform].sort());
      const everywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => [Action].flat());
      const listedEverywhere = aws[entry].flatMap(({ on, actions }) => (on === '*' ? actions : []));
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

/** As AWS hands it to the function, secrets read. */
function resolved(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (name === 'HEADROOM_PARTITION') return 'aws';
  if (name === 'HEADROOM_ACTOR_ROLE') return 'arn:aws:iam::123456789012:role/Headroom-Actor1A2B3C';
  const parts: unknown = Object(value)['Fn::Join']?.[1];
  const [beginning] = Array.isArray(parts) ? parts : [];
  if (beginning === 'secretsmanager:') return 'resolved';
  return beginning === 'sqs:' ? 'sqs:https://sqs.eu-west-1.amazonaws.com/123456789012/work' : `${beginning}sample`;
}
