/** What the stage started for this process: an account on Dynalite and Moto, and credentials that nobody checks. */
import { randomBytes } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

/** For what is held to a contract: emulators are slow beside the services, and slower on a busy machine. */
export const PATIENT = { tryMs: 50_000, budgetMs: 110_000 };

/** Of an emulator, `http://127.0.0.1:<port>`; `denying` is a Moto that knows nobody. */
export function originOf(emulator: 'dynalite' | 'moto' | 'denying'): string {
  const origin = process.env[`${emulator.toUpperCase()}_ORIGIN`];
  if (origin === undefined) throw new Error(`start this with npm run conformance: it needs ${emulator}`);
  return origin;
}

/** Makes a table as `docs/operations.md` describes it. @returns its name, that no other test has */
export async function makeTable(emulator: 'dynalite' | 'moto'): Promise<string> {
  const client = new DynamoDBClient({ endpoint: originOf(emulator) });
  const TableName = unique();
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  client.destroy();
  return TableName;
}

/** Makes a queue with a dead-letter queue behind it. @returns its URL, that no other test has */
export async function makeQueue(options: { maxAttempts: number }): Promise<string> {
  const client = new SQSClient({ endpoint: originOf('moto') });
  const name = unique();
  const { QueueUrl: deadUrl } = await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const asked = new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] });
  const { Attributes: { QueueArn: deadLetterTargetArn } = {} } = await client.send(asked);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: options.maxAttempts });
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }),
  );
  client.destroy();
  return QueueUrl;
}

/** @returns the name of a bucket that no other test has */
export async function makeBucket(): Promise<string> {
  const client = new S3Client({ endpoint: originOf('moto'), forcePathStyle: true });
  const Bucket = unique();
  await client.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  );
  client.destroy();
  return Bucket;
}

function unique(): string {
  return `t${randomBytes(8).toString('hex')}`;
}
