import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { QueueMessage } from '../../model.ts';
import type { DeadLetter } from '../../ports.ts';
import { neverAcknowledged } from '../bounds.ts';
import type { AwsCall } from './calls.ts';
import { BATCH, createQueueCalls, type QueueCalls } from './queue-calls.ts';
import { messageIn, numberAttribute, numberIn, textAttribute, textIn } from './queue-message.ts';

/** What the redrive policy of the work queue says. */
export type Redrive = { letters: QueueCalls; maxAttempts: number };

const POLICY = z.object({
  deadLetterTargetArn: z.string().check(z.regex(/^arn:[\w-]+:sqs:[\w-]*:\d*:[\w-]+$/)),
  maxReceiveCount: z.coerce.number().check(z.int(), z.minimum(1)),
});

/** Letters that one list looks at; it gives them back when it has seen all. */
const MAX_LISTED = 1_000;

/** Stands for what nobody of Headroom sent, so that it is seen and can be removed. */
const NOBODYS: QueueMessage = { v: 1, incidentId: '' };

/** A list that breaks off leaves its letters invisible for this long. */
const LISTING_SECONDS = 30;

/** SQS lets a dead-letter queue stand in the same account and region alone, so the work queue's URL says the rest. */
export async function readRedrive(client: SQSClient, url: string, queue: QueueCalls, call: AwsCall): Promise<Redrive> {
  const text = await queue.redrivePolicy();
  const policy = text === undefined ? null : z.safeParse(POLICY, JSON.parse(text));
  if (!policy?.success)
    throw new HeadroomError('configuration', `queue ${queue.name} has no dead-letter queue`, {
      nextStep: 'give it a redrive policy, with a maxReceiveCount of 5',
    });
  const { deadLetterTargetArn, maxReceiveCount } = policy.data;
  const name = deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(':') + 1);
  const lettersUrl = url.slice(0, url.lastIndexOf('/') + 1) + name;
  return { letters: createQueueCalls(client, lettersUrl, call), maxAttempts: maxReceiveCount };
}

/** Why, when and after how many deliveries a message died stands in its attributes. */
export async function layLetter(
  { letters }: Redrive,
  letter: { body: string; attempts: number; reason: string; diedAtMs: number },
): Promise<void> {
  const { body, attempts, reason, diedAtMs } = letter;
  await letters.send(body, {
    attributes: {
      reason: textAttribute(reason),
      attempts: numberAttribute(attempts),
      diedAt: numberAttribute(diedAtMs),
    },
  });
}

/**
 * Oldest first, of at most 1,000 looked at. SQS has no way to look without taking: while one process lists, another may
 * find none.
 */
export async function listLetters({ letters, maxAttempts }: Redrive, limit: number): Promise<DeadLetter[]> {
  const found = await takeAll(letters);
  for (let from = 0; from < found.length; from += BATCH) await letters.release(found.slice(from, from + BATCH));
  return found
    .map((letter) => ({
      message: messageIn(letter.Body) ?? NOBODYS,
      attempts: numberIn(letter, 'attempts') || maxAttempts,
      reason: textIn(letter, 'reason') ?? neverAcknowledged(maxAttempts),
      diedAt: new Date(diedAtMs(letter)).toISOString(),
      remove: () => letters.remove(letter.ReceiptHandle),
    }))
    .sort((a, b) => (a.diedAt < b.diedAt ? -1 : 1))
    .slice(0, limit);
}

async function takeAll(letters: QueueCalls): Promise<Message[]> {
  const found = new Map<string, Message>();
  let expected = await letters.count();
  while (found.size < expected && found.size < MAX_LISTED) {
    const some = await letters.receive(BATCH, LISTING_SECONDS, 1);
    if (some.length === 0) expected = 0;
    for (const message of some) found.set(message.MessageId ?? '', message);
  }
  return [...found.values()];
}

/** What SQS itself laid aside does not say when: then it is as old as its first sending. */
function diedAtMs(message: Message): number {
  return numberIn(message, 'diedAt') || Number(message.Attributes?.SentTimestamp ?? 0);
}
