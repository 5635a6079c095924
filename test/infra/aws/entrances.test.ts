import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { cloudwatch } from '../../../shared/sources/cloudwatch.ts';
import { HEALTH_EVENT, transformed } from './event-bridge.ts';
import { functionId, idOf, stack } from './templates.ts';

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
