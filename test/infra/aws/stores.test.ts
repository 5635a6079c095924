import { Match } from 'aws-cdk-lib/assertions';
import { describe, test } from 'vitest';
import { stack } from './templates.ts';

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
