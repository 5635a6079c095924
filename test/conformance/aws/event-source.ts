import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { createAwsCalls } from '../../../shared/adapters/aws/calls.ts';
import { createQueueCalls } from '../../../shared/adapters/aws/queue-calls.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import type { LambdaProcess } from '../lambda-process.ts';

/** What invokes a lambda for a queue of SQS: receives batches, and deletes what the function does not name as failed. */
export type EventSource = { batches(): number; stop(): Promise<void> };

const BATCH = 10;
const IDLE_MS = 50;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export function startEventSource(
  url: string,
  lambda: LambdaProcess,
  options: { visibilitySeconds: number },
): EventSource {
  const client = new SQSClient({ endpoint: new URL(url).origin });
  const queue = createQueueCalls(client, url, createAwsCalls('sqs', {}));
  let batches = 0;
  let stopped = false;

  async function poll(): Promise<void> {
    while (!stopped) {
      const messages = await queue.receive(BATCH, options.visibilitySeconds);
      if (messages.length === 0) await systemClock.sleep(IDLE_MS);
      else await hand(messages);
    }
  }

  async function hand(messages: Message[]): Promise<void> {
    batches += 1;
    const result = await lambda.invoke({ Records: messages.map(recordOf) });
    // A function that fails, fails with its whole batch.
    if (!result.ok) return;
    const failed = failedOf(result.value);
    const done = messages.filter(({ MessageId }) => !failed.includes(MessageId ?? ''));
    await Promise.all(done.map(({ ReceiptHandle }) => queue.remove(ReceiptHandle)));
  }

  const polling = poll();
  return {
    batches: () => batches,
    async stop() {
      stopped = true;
      await polling;
      client.destroy();
    },
  };
}

function recordOf(message: Message): SQSRecord {
  const {
    MessageId = '',
    ReceiptHandle = '',
    Body = '',
    MD5OfBody = '',
    Attributes = {},
    MessageAttributes = {},
  } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: Attributes.SentTimestamp ?? '0',
      SenderId: 'EXAMPLE',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '', DataType = 'String' }]) => [
        name,
        { stringValue: StringValue, dataType: DataType },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:headroom-work',
    awsRegion: 'eu-west-1',
  };
}

function failedOf(value: unknown): string[] {
  const { batchItemFailures }: SQSBatchResponse = { batchItemFailures: [], ...Object(value) };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
