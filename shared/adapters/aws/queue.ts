import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { QueueMessage } from '../../model.ts';
import type { Queue, QueueDelivery } from '../../ports.ts';
import { checkDelayMs, checkLimit, checkReceive, deadReason, neverAcknowledged } from '../bounds.ts';
import type { AwsCall } from './calls.ts';
import { layLetter, listLetters, type Redrive, readRedrive } from './dead-letters.ts';
import { DUE_AT, remainingMs, splitDelay } from './due-at.ts';
import { type Attributes, createQueueCalls } from './queue-calls.ts';
import { attributeOf, bodyOf, messageIn, numberAttribute, numberIn, seconds } from './queue-message.ts';

/** What a role needs to send, count, and look at dead letters; delivering to a lambda is the event source mapping's. */
export const permissions = {
  iam: [
    { actions: ['sqs:SendMessage', 'sqs:GetQueueAttributes'], resources: ['the work queue'] },
    {
      actions: ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
      resources: ['the dead-letter queue'],
    },
  ],
} as const;

type Options = {
  client: SQSClient;
  url: string;
  call: AwsCall;
  /** Epoch milliseconds. */
  now: () => number;
};

/** A burial takes a moment between its two queues; nobody else may have the message meanwhile. */
const BURIAL_SECONDS = 60;

/** SQS hides a message for 12 h since it was received at most; an hour is left for what has passed of them. */
const LONGEST_HIDING_MS = 11 * 3_600_000;

/**
 * Attribute of a message that was sent anew: how often it had been delivered before. No dead letter has it, so that one that
 * is moved back into the queue with AWS's own tools begins anew.
 */
const BEFORE = 'attemptsBefore';

/**
 * A standard queue of SQS, with the queue of its redrive policy for dead letters; the policy's `maxReceiveCount` is the
 * number of attempts. Times are whole seconds, rounded up. Order is roughly that of sending. A delay over 15 minutes:
 * `due-at.ts`.
 *
 * A standard queue may delete a message by a receipt that is long over, so the end of a delivery is also told by the clock.
 *
 * In a lambda SQS receives, counts and lays aside by itself; then this queue only sends, and lists the dead.
 */
export function createSqsQueue({ client, url, call, now }: Options): Queue {
  const queue = createQueueCalls(client, url, call);
  let reading: Promise<Redrive> | undefined;

  function redrive(): Promise<Redrive> {
    reading ??= readRedrive(client, url, queue, call).catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  }

  async function sendAfter(body: string, delayMs: number, before = 0): Promise<void> {
    const { delaySeconds, dueAtMs } = splitDelay(delayMs, now());
    const attributes: Attributes = {
      ...(dueAtMs === null ? {} : { [DUE_AT]: numberAttribute(dueAtMs) }),
      ...(before === 0 ? {} : { [BEFORE]: numberAttribute(before) }),
    };
    await queue.send(body, { delaySeconds, attributes });
  }

  /** First the new one, then the old: between the two the message is there twice, never not at all. */
  async function sendAnew(message: Message, delayMs: number, attempts: number): Promise<void> {
    await sendAfter(message.Body ?? '', delayMs, attempts);
    await queue.remove(message.ReceiptHandle);
  }

  async function layAside(message: Message, attempts: number, reason: string): Promise<void> {
    const dead = await redrive();
    if (!(await queue.hide(message.ReceiptHandle, BURIAL_SECONDS))) return;
    await layLetter(dead, { body: message.Body ?? '', attempts, reason, diedAtMs: now() });
    await queue.remove(message.ReceiptHandle);
  }

  function deliveryOf(
    { body, message }: { body: QueueMessage; message: Message },
    attempts: number,
    endsAtMs: number,
  ): QueueDelivery {
    let settled = false;
    /** Once, and only while the delivery is its owner's. */
    async function settle(run: () => Promise<unknown>): Promise<void> {
      if (settled || now() >= endsAtMs) return;
      await run();
      settled = true;
    }
    return {
      message: body,
      attempts,
      ack: () => settle(() => queue.remove(message.ReceiptHandle)),
      async retry(delayMs) {
        const waitMs = checkDelayMs(delayMs);
        await settle(() =>
          waitMs > LONGEST_HIDING_MS
            ? sendAnew(message, waitMs, attempts)
            : queue.hide(message.ReceiptHandle, seconds(waitMs)),
        );
      },
      bury: (reason) => settle(() => layAside(message, attempts, deadReason(reason))),
    };
  }

  /** Null: not to be delivered now. */
  async function take(message: Message, maxAttempts: number, endsAtMs: number): Promise<QueueDelivery | null> {
    const before = numberIn(message, BEFORE);
    const attempts = before + Number(message.Attributes?.ApproximateReceiveCount ?? 1);
    const waitMs = remainingMs(attributeOf(message, DUE_AT), now());
    const body = messageIn(message.Body);
    if (body === null) await layAside(message, attempts, 'it is no message of Headroom');
    else if (waitMs > 0) await sendAnew(message, waitMs, before);
    else if (attempts > maxAttempts) await layAside(message, maxAttempts, neverAcknowledged(maxAttempts));
    else return deliveryOf({ body, message }, attempts, endsAtMs);
    return null;
  }

  return {
    async send(message, { delayMs = 0 } = {}) {
      await sendAfter(bodyOf(message), checkDelayMs(delayMs));
    },

    async receive({ max, visibilityMs }) {
      checkReceive(max, visibilityMs);
      const { maxAttempts } = await redrive();
      const deliveries: QueueDelivery[] = [];
      while (deliveries.length < max) {
        const endsAtMs = now() + seconds(visibilityMs) * 1_000;
        const messages = await queue.receive(max - deliveries.length, seconds(visibilityMs));
        if (messages.length === 0) break;
        const taken = await Promise.all(messages.map((message) => take(message, maxAttempts, endsAtMs)));
        for (const delivery of taken) if (delivery !== null) deliveries.push(delivery);
      }
      return deliveries;
    },

    async depth() {
      const { letters } = await redrive();
      const [waiting, dead] = await Promise.all([queue.count(), letters.count()]);
      return { waiting, dead };
    },

    async dead(limit) {
      checkLimit(limit);
      return listLetters(await redrive(), limit);
    },
  };
}
