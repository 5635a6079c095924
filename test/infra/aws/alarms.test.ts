import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ENTRIES } from '../../../infra/entries.ts';
import { functionId, idOf, policyOf, stack } from './templates.ts';

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
