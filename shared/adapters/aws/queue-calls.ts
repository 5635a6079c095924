import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { AwsCall } from './calls.ts';
import { codeOf } from './failure.ts';

/** SQS's most, for receiving as for batches. */
export const BATCH = 10;

export type Attributes = Record<string, MessageAttributeValue>;

export type QueueCalls = ReturnType<typeof createQueueCalls>;

/** The delivery that a receipt stands for is over, or its message is gone. */
const OVER = /MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue|InvalidIdFormat/;

/** What is asked of one queue of SQS. */
export function createQueueCalls(client: SQSClient, url: string, call: AwsCall) {
  const queue = { QueueUrl: url };
  const name = url.slice(url.lastIndexOf('/') + 1);

  return {
    name,

    async send(
      body: string,
      { delaySeconds = 0, attributes = {} }: { delaySeconds?: number; attributes?: Attributes },
    ) {
      const input = { ...queue, MessageBody: body, DelaySeconds: delaySeconds, MessageAttributes: attributes };
      await call(`sending to queue ${name}`, (abortSignal) =>
        client.send(new SendMessageCommand(input), { abortSignal }),
      );
    },

    /** @param waitSeconds 0 asks some of the queue's machines and answers at once, 1 asks all */
    async receive(max: number, visibilitySeconds: number, waitSeconds = 0): Promise<Message[]> {
      const input = {
        ...queue,
        MaxNumberOfMessages: Math.min(max, BATCH),
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount' as const, 'SentTimestamp' as const],
      };
      const { Messages = [] } = await call(`receiving from queue ${name}`, (abortSignal) =>
        client.send(new ReceiveMessageCommand(input), { abortSignal }),
      );
      return Messages;
    },

    async remove(receipt: string | undefined): Promise<void> {
      await call(`removing a message from queue ${name}`, (abortSignal) =>
        unlessOver(client.send(new DeleteMessageCommand({ ...queue, ReceiptHandle: receipt }), { abortSignal })),
      );
    },

    /** @returns whether the receipt still stands for a delivery */
    async hide(receipt: string | undefined, visibilitySeconds: number): Promise<boolean> {
      const input = { ...queue, ReceiptHandle: receipt, VisibilityTimeout: visibilitySeconds };
      const answer = await call(`giving a message back to queue ${name}`, (abortSignal) =>
        unlessOver(client.send(new ChangeMessageVisibilityCommand(input), { abortSignal })),
      );
      return answer !== null;
    },

    /** Makes up to ten messages visible at once; one that is gone by now is passed over. */
    async release(messages: readonly Message[]): Promise<void> {
      const Entries = messages.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await call(`giving messages back to queue ${name}`, (abortSignal) =>
        client.send(new ChangeMessageVisibilityBatchCommand({ ...queue, Entries }), { abortSignal }),
      );
    },

    /** Visible, held back and delivered messages together. Approximate: SQS counts up to a minute late. */
    async count(): Promise<number> {
      const { Attributes: counts = {} } = await call(`counting queue ${name}`, (abortSignal) =>
        client.send(new GetQueueAttributesCommand({ ...queue, AttributeNames: [...COUNTS] }), { abortSignal }),
      );
      return COUNTS.reduce((sum, each) => sum + Number(counts[each] ?? 0), 0);
    },

    /** The policy that says where dead letters go, as JSON; undefined when the queue has none. */
    async redrivePolicy(): Promise<string | undefined> {
      const input = { ...queue, AttributeNames: ['RedrivePolicy' as const] };
      const { Attributes: read } = await call(`reading the redrive policy of queue ${name}`, (abortSignal) =>
        client.send(new GetQueueAttributesCommand(input), { abortSignal }),
      );
      return read?.RedrivePolicy;
    },
  };
}

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

async function unlessOver<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (OVER.test(codeOf(error))) return null;
    throw error;
  }
}
