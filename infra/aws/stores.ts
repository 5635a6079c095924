import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Deliveries before a message is a dead letter, as on Azure. */
const MAX_RECEIVE_COUNT = 5;

/** Raw payloads live 14 days, evidence 30; a day later than `watch`, which sees to it first. */
const PAYLOAD_DAYS = 15;
const EVIDENCE_DAYS = 31;

/** Everything that outlives a function, as docs/operations.md asks for it: records, queue and dead letters, payloads, secrets. */
export class Stores extends Construct {
  readonly key: kms.Key;
  readonly table: dynamodb.Table;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly bucket: s3.Bucket;
  readonly secret: secretsmanager.Secret;

  /** @param props.visibility how long a batch of the work queue is hidden: six times the time limit of `work` */
  constructor(scope: Construct, id: string, props: { visibility: Duration }) {
    super(scope, id);
    this.key = encryptionKey(this);
    this.table = recordsTable(this, this.key);
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      ...ofHeadroom(this.key),
      visibilityTimeout: Duration.seconds(30),
    });
    this.queue = new sqs.Queue(this, 'Work', {
      ...ofHeadroom(this.key),
      visibilityTimeout: props.visibility,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    this.bucket = payloadBucket(this);
    this.secret = secretsOf(this, this.key);
  }
}

function ofHeadroom(key: kms.IKey): sqs.QueueProps {
  return {
    encryptionMasterKey: key,
    retentionPeriod: Duration.days(14),
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
  };
}

/** One key for what is at rest: whoever may not use it reads nothing of Headroom's. */
function encryptionKey(scope: Construct): kms.Key {
  const { account, region, partition } = Stack.of(scope);
  const key = new kms.Key(scope, 'Key', {
    description: 'Headroom: records, queues, secrets, logs, alarms on their way',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Logs',
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'AlarmsIntoTheTopic',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  );
  return key;
}

function recordsTable(scope: Construct, key: kms.IKey): dynamodb.Table {
  return new dynamodb.Table(scope, 'Records', {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'expires',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

function payloadBucket(scope: Construct): s3.Bucket {
  const bucket = new s3.Bucket(scope, 'Payloads', {
    // What Headroom asks for with each object; a default of KMS would never apply.
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { id: 'payloads', prefix: 'payload-', expiration: Duration.days(PAYLOAD_DAYS) },
      { id: 'evidence', prefix: 'evidence-', expiration: Duration.days(EVIDENCE_DAYS) },
      { id: 'broken-off', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the roles of this stack reach it, and nothing lies there longer than 31 days; data events of CloudTrail tell more than access logs, for whoever wants them.',
  });
  return bucket;
}

/** A JSON object, a field for each secret that the functions refer to; the alert token is made here, the rest is filled in. */
function secretsOf(scope: Construct, key: kms.IKey): secretsmanager.Secret {
  const secret = new secretsmanager.Secret(scope, 'Secrets', {
    description: 'Headroom: fields as in docs/deploy-aws.md',
    encryptionKey: key,
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: 'alertToken',
      passwordLength: 40,
      excludePunctuation: true,
    },
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Tokens of Slack, Teams and PagerDuty are issued there, and senders of alerts hold the alert token: rotating is a change on both sides, in the order of docs/operations.md.',
  });
  return secret;
}
