import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { FunctionsHost } from '../../functions/host.ts';

export type QueueTrigger = {
  /** Deliveries so far, also those that failed. */
  deliveries(): number;
  stop(): Promise<void>;
};

type QueueSettings = {
  batchSize: number;
  newBatchThreshold: number;
  visibilityTimeout: string;
  maxPollingInterval: string;
};

/** The lease that the host takes on each message, and would renew while its function runs. */
const LEASE_SECONDS = 600;

/** Well under `maxPollingInterval`, from which the host backs off downwards while there is work. */
const POLL_MS = 50;

/**
 * What the storage extension of the Functions host does with a queue: takes batches as host.json says, hands each message to
 * its function, removes it on success; else it shows again after `visibilityTimeout`, and after `maxDequeueCount` deliveries
 * its text is laid into the poison queue as it is.
 *
 * @param appFolder whose host.json holds
 * @param options.visibilitySeconds in place of host.json's
 */
export function startQueueTrigger(
  host: FunctionsHost,
  queue: QueueClient,
  poison: QueueClient,
  appFolder: string,
  options: { visibilitySeconds?: number } = {},
): QueueTrigger {
  const settings: QueueSettings = JSON.parse(readFileSync(join(appFolder, 'host.json'), 'utf8')).extensions.queues;
  const visibilitySeconds = options.visibilitySeconds ?? secondsOf(settings.visibilityTimeout);
  const running = new Set<Promise<void>>();
  let stopped = false;
  let deliveries = 0;

  async function handle({ messageId, popReceipt, messageText, dequeueCount }: DequeuedMessageItem): Promise<void> {
    deliveries += 1;
    try {
      await host.deliverOnce(queue.name, Buffer.from(messageText, 'base64').toString('utf8'), dequeueCount);
    } catch {
      if (dequeueCount < host.maxDequeueCount) {
        await queue.updateMessage(messageId, popReceipt, undefined, visibilitySeconds);
        return;
      }
      await poison.createIfNotExists();
      await poison.sendMessage(messageText, { messageTimeToLive: -1 });
    }
    await queue.deleteMessage(messageId, popReceipt);
  }

  async function poll(): Promise<void> {
    while (!stopped) {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: LEASE_SECONDS,
      });
      for (const item of receivedMessageItems) {
        const handling = handle(item).finally(() => running.delete(handling));
        running.add(handling);
      }
      while (running.size > settings.newBatchThreshold) await Promise.race(running);
      if (receivedMessageItems.length === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await Promise.all(running);
  }

  const polling = poll();
  polling.catch(() => undefined);
  return {
    deliveries: () => deliveries,
    async stop() {
      stopped = true;
      await polling;
    },
  };
}

/** `00:00:30` -> 30. */
function secondsOf(span: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = span.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}
