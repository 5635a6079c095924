import { describe, expect, test } from 'vitest';
import { readQuery } from '../../../../shared/sources/cloudwatch/signals.ts';
import { watchedResources } from '../../../../shared/sources/cloudwatch/watched-resource.ts';
import { parseArn } from '../../../../shared/sources/resource.ts';

const ALARM = parseArn('arn:aws-us-gov:cloudwatch:us-gov-west-1:111122223333:alarm:a');
const HERE = 'us-gov-west-1:111122223333';

function query(namespace: string, dimensions: Record<string, string>, accountId?: string) {
  return readQuery({
    accountId,
    metricStat: { metric: { namespace, name: 'm', dimensions }, period: 60, stat: 'Sum' },
  });
}

function idsOf(...queries: ReturnType<typeof query>[]) {
  return watchedResources(queries, ALARM).map((resource) => resource.id);
}

describe('the resource that a metric was measured on', () => {
  test.each([
    ['AWS/Lambda', { FunctionName: 'f', Resource: 'f:live' }, `arn:aws-us-gov:lambda:${HERE}:function:f`],
    ['AWS/SQS', { QueueName: 'jobs.fifo' }, `arn:aws-us-gov:sqs:${HERE}:jobs.fifo`],
    ['AWS/SNS', { TopicName: 't' }, `arn:aws-us-gov:sns:${HERE}:t`],
    ['AWS/DynamoDB', { TableName: 't', Operation: 'Query' }, `arn:aws-us-gov:dynamodb:${HERE}:table/t`],
    ['AWS/EC2', { InstanceId: 'i-1' }, `arn:aws-us-gov:ec2:${HERE}:instance/i-1`],
    ['AWS/S3', { BucketName: 'b', FilterId: 'all' }, 'arn:aws-us-gov:s3:::b'],
    ['AWS/Kinesis', { StreamName: 's' }, `arn:aws-us-gov:kinesis:${HERE}:stream/s`],
    ['AWS/KMS', { KeyId: 'k' }, `arn:aws-us-gov:kms:${HERE}:key/k`],
    ['AWS/RDS', { DBInstanceIdentifier: 'd' }, `arn:aws-us-gov:rds:${HERE}:db:d`],
    ['AWS/Logs', { LogGroupName: '/aws/lambda/f' }, `arn:aws-us-gov:logs:${HERE}:log-group:/aws/lambda/f`],
    ['AWS/ECS', { ClusterName: 'c' }, `arn:aws-us-gov:ecs:${HERE}:cluster/c`],
    ['AWS/ECS', { ClusterName: 'c', ServiceName: 's' }, `arn:aws-us-gov:ecs:${HERE}:service/c/s`],
    [
      'AWS/ApplicationELB',
      { LoadBalancer: 'app/web/50dc6c495c0c9188' },
      `arn:aws-us-gov:elasticloadbalancing:${HERE}:loadbalancer/app/web/50dc6c495c0c9188`,
    ],
    [
      'AWS/States',
      { StateMachineArn: `arn:aws-us-gov:states:${HERE}:stateMachine:m` },
      `arn:aws-us-gov:states:${HERE}:stateMachine:m`,
    ],
    ['Custom', { ResourceId: `arn:aws-us-gov:sqs:${HERE}:jobs` }, `arn:aws-us-gov:sqs:${HERE}:jobs`],
  ])('of %s is told by its dimension (%#)', (namespace, dimensions, arn) => {
    expect(idsOf(query(namespace, dimensions))).toEqual([arn]);
  });

  test.each([
    ['a namespace of no resource', 'Custom', { FunctionName: 'f' }],
    ['a display name', 'AWS/ApiGateway', { ApiName: 'shop' }],
    ['no dimension', 'AWS/Lambda', {}],
    ['a value that fits no ARN', 'AWS/Lambda', { FunctionName: 'f*' }],
  ])('cannot be told from %s', (_what, namespace, dimensions) => {
    expect(idsOf(query(namespace, dimensions))).toEqual([]);
  });

  test('lies in the account that the metric names', () => {
    expect(idsOf(query('AWS/SQS', { QueueName: 'jobs' }, '444455556666'))).toEqual([
      'arn:aws-us-gov:sqs:us-gov-west-1:444455556666:jobs',
    ]);
  });

  test('is the one that several metrics share, and none where they differ', () => {
    const [one, two] = ['f', 'g'].map((name) => query('AWS/Lambda', { FunctionName: name }));
    if (!one || !two) throw new Error('no queries');
    expect(idsOf(one, one)).toHaveLength(1);
    expect(idsOf(one, two)).toEqual([]);
  });

  test('of a bucket lies in the account of the alarm, which its ARN does not name', () => {
    expect(watchedResources([query('AWS/S3', { BucketName: 'b' })], ALARM)).toMatchObject([{ scope: '111122223333' }]);
  });
});
