import type { QueueMessage } from '../../model.ts';
import type { Queue, QueueDelivery } from '../../ports.ts';
import {
  checkDelayMs,
  checkLimit,
  checkReceive,
  DEFAULT_MAX_ATTEMPTS,
  deadReason,
  encodeMessage,
  neverAcknowledged,
} from '../bounds.ts';
import type { AzureCall } from './calls.ts';
import { createPoisonQueue, UNREADABLE } from './poison-queue.ts';
import type { QueueClient, ReceivedItem } from './queue-client.ts';
import { FOR_EVER, messageIn, seconds, textOf, unlessGone, withQueue } from './queue-message.ts';

/** What an identity needs on the account, both queues being there: to count, to send, to look at dead letters and remove them. */
export const permissions = {
  arm: ['Microsoft.Storage/storageAccounts/queueServices/queues/read'],
  data: [
    'Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action',
    'Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action',
    'Microsoft.Storage/storageAccounts/queueServices/queues/messages/write',
    'Microsoft.Storage/storageAccounts/queueServices/queues/messages/delete',
  ],
} as const;

type Options = {
  queue: QueueClient;
  /** `<queue>-poison`, where the Functions host lays what its function refused too often. */
  poison: QueueClient;
  call: AzureCall;
  /** Epoch milliseconds. */
  now: () => number;
  maxAttempts?: number;
};

/** A burial takes a moment between its two queues; nobody else may have the message meanwhile. */
const BURIAL_SECONDS = 60;

/**
 * A queue of Azure Storage, with its dead letters in the poison queue beside it. Both are made when the first message
 * finds none. Times are whole seconds, rounded up. Order is roughly that of sending.
 *
 * In a function app the host receives, counts and poisons by itself; then this queue only sends, and lists the dead.
 *
 * @param options.maxAttempts deliveries before a message is a dead letter, default 5
 */
export function createStorageQueue(options: Options): Queue {
  const { queue, call, now, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;
  const name = queue.name;
  const dead = createPoisonQueue({ poison: options.poison, call, now, maxAttempts });

  async function receiveOnce(max: number, hiddenSeconds: number): Promise<ReceivedItem[]> {
    return call(
      `receiving from queue ${name}`,
      async (signal) => (await unlessGone(queue.receive(max, hiddenSeconds, signal))) ?? [],
    );
  }

  /** Whose delivery is over by now is left alone: each of these names the receipt that it was given. */
  function settle<T>(what: string, run: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    return call(`${what} in queue ${name}`, (signal) => unlessGone(run(signal)));
  }

  async function layAside(item: ReceivedItem, attempts: number, reason: string): Promise<void> {
    const popReceipt = await settle('holding a message', (signal) => queue.hide(item, BURIAL_SECONDS, signal));
    if (popReceipt === null) return;
    await dead.lay({ text: item.messageText, attempts, reason });
    await settle('removing a dead message', (signal) => queue.remove({ ...item, popReceipt }, signal));
  }

  function deliveryOf(item: ReceivedItem, message: QueueMessage): QueueDelivery {
    const { dequeueCount } = item;
    return {
      message,
      attempts: dequeueCount,
      async ack() {
        await settle('acknowledging a message', (signal) => queue.remove(item, signal));
      },
      async retry(delayMs) {
        const delay = seconds(checkDelayMs(delayMs));
        await settle('giving a message back', (signal) => queue.hide(item, delay, signal));
      },
      bury: (reason) => layAside(item, dequeueCount, deadReason(reason)),
    };
  }

  return {
    async send(message, { delayMs = 0 } = {}) {
      const text = textOf(encodeMessage(message));
      const hiddenSeconds = seconds(checkDelayMs(delayMs));
      await call(`sending to queue ${name}`, (signal) =>
        withQueue(queue, signal, () => queue.send(text, { hiddenSeconds, liveSeconds: FOR_EVER }, signal)),
      );
    },

    async receive({ max, visibilityMs }) {
      checkReceive(max, visibilityMs);
      const deliveries: QueueDelivery[] = [];
      for (;;) {
        const items = await receiveOnce(max - deliveries.length, seconds(visibilityMs));
        const spent: [item: ReceivedItem, reason: string][] = [];
        for (const item of items) {
          const message = messageIn(item.messageText);
          if (message === null) spent.push([item, UNREADABLE]);
          else if (item.dequeueCount > maxAttempts) spent.push([item, neverAcknowledged(maxAttempts)]);
          else deliveries.push(deliveryOf(item, message));
        }
        for (const [item, reason] of spent) await layAside(item, item.dequeueCount - 1, reason);
        if (spent.length === 0 || deliveries.length === max) return deliveries;
      }
    },

    async depth() {
      const [waiting, buried] = await Promise.all([countIn(queue, call), dead.count()]);
      return { waiting, dead: buried };
    },

    async dead(limit) {
      checkLimit(limit);
      return dead.list(limit);
    },
  };
}

/** Approximate, never too small. */
async function countIn(queue: QueueClient, call: AzureCall): Promise<number> {
  return call(`counting queue ${queue.name}`, async (signal) => (await unlessGone(queue.count(signal))) ?? 0);
}
