import * as z from 'zod/mini';
import type { QueueMessage } from '../../model.ts';
import type { DeadLetter } from '../../ports.ts';
import { MAX_MESSAGE_BYTES } from '../bounds.ts';
import type { AzureCall } from './calls.ts';
import type { QueueClient, ReceivedItem } from './queue-client.ts';
import { FOR_EVER, messageIn, textOf, unlessGone, valueIn, withQueue } from './queue-message.ts';

type Options = { poison: QueueClient; call: AzureCall; now: () => number; maxAttempts: number };
type Letter = Pick<DeadLetter, 'message' | 'attempts' | 'reason' | 'diedAt'>;
type Listed = { item: ReceivedItem; receipt: string; letter: Letter };

/** How a letter that Headroom laid aside stands in the queue; what the host lays there is the message alone. */
const ENVELOPE = z.object({
  v: z.literal(1),
  dead: z.object({
    message: z.custom<QueueMessage>((value) => typeof value === 'object' && value !== null),
    attempts: z.number(),
    reason: z.string(),
    diedAt: z.string(),
  }),
});

/** Why a text is dead that is none of Headroom's. */
export const UNREADABLE = 'its text is no message of Headroom';

export type PoisonQueue = {
  /** @param letter.text as it stands in the work queue */
  lay(letter: { text: string; attempts: number; reason: string }): Promise<void>;
  /** Oldest first. */
  list(limit: number): Promise<DeadLetter[]>;
  count(): Promise<number>;
};

/** What the service gives at once. */
const BATCH = 32;

/** Letters put back at once. */
const AT_ONCE = 16;

/** A list that is broken off hides its letters from the next one for this long. */
const LIST_SECONDS = 30;

const BY_HOST = 'refused by its function until the Functions host laid it aside; the log of that time says why';

/**
 * Dead letters. A queue can show 32 messages from its front without taking them and can remove none of those, so a list
 * takes letters out, remembers their receipts and puts them back at once. Two lists at the same moment may each show a part.
 */
export function createPoisonQueue({ poison, call, now, maxAttempts }: Options): PoisonQueue {
  const name = poison.name;

  async function take(max: number): Promise<ReceivedItem[]> {
    return call(
      `listing queue ${name}`,
      async (signal) => (await unlessGone(poison.receive(max, LIST_SECONDS, signal))) ?? [],
    );
  }

  /** @returns the receipt it has now; it stays good until someone else lists it */
  async function putBack(item: ReceivedItem): Promise<string> {
    const kept = await call(`putting a dead letter back into queue ${name}`, (signal) =>
      unlessGone(poison.hide(item, 0, signal)),
    );
    return kept ?? item.popReceipt;
  }

  async function takeUntil(enough: (taken: readonly ReceivedItem[]) => number): Promise<ReceivedItem[]> {
    const taken: ReceivedItem[] = [];
    for (;;) {
      const wanted = Math.min(BATCH, enough(taken));
      const items = wanted > 0 ? await take(wanted) : [];
      if (items.length === 0) return taken;
      taken.push(...items);
    }
  }

  async function erase(messageId: string, popReceipt: string): Promise<boolean> {
    const erased = await call(`removing a dead letter from queue ${name}`, (signal) =>
      unlessGone(poison.remove({ messageId, popReceipt }, signal).then(() => true)),
    );
    return erased !== null;
  }

  /** Where another list has been since, the letter has another receipt: it is looked for among all. */
  async function remove({ item: { messageId }, receipt }: Listed): Promise<void> {
    if (await erase(messageId, receipt)) return;
    const taken = await takeUntil((all) => (all.some((other) => other.messageId === messageId) ? 0 : BATCH));
    for (const other of taken) {
      if (other.messageId === messageId) await erase(messageId, other.popReceipt);
      else await putBack(other);
    }
  }

  return {
    async lay({ text: alone, attempts, reason }) {
      const diedAt = new Date(now()).toISOString();
      const message = messageIn(alone);
      const json = JSON.stringify({ v: 1, dead: { message, attempts, reason, diedAt } });
      // A message of nearly 48 KB leaves no room beside it, and what is no message is no part of one: kept as the host would.
      const text = message === null || Buffer.byteLength(json) > MAX_MESSAGE_BYTES ? alone : textOf(json);
      await call(`laying a message into queue ${name}`, (signal) =>
        withQueue(poison, signal, () => poison.send(text, { hiddenSeconds: 0, liveSeconds: FOR_EVER }, signal)),
      );
    },

    async list(limit) {
      const taken = await takeUntil((all) => limit - all.length);
      const listed: Listed[] = [];
      for (let from = 0; from < taken.length; from += AT_ONCE) {
        const some = taken.slice(from, from + AT_ONCE).map(async (item) => ({
          item,
          receipt: await putBack(item),
          letter: letterIn(item, maxAttempts),
        }));
        listed.push(...(await Promise.all(some)));
      }
      return listed
        .sort((a, b) => (a.letter.diedAt < b.letter.diedAt ? -1 : 1))
        .map((one) => ({ ...one.letter, remove: () => remove(one) }));
    },

    count: () => call(`counting queue ${name}`, async (signal) => (await unlessGone(poison.count(signal))) ?? 0),
  };
}

function letterIn(item: ReceivedItem, maxAttempts: number): Letter {
  const known = z.safeParse(ENVELOPE, valueIn(item.messageText));
  if (known.success) return known.data.dead;
  const message = messageIn(item.messageText);
  const diedAt = item.insertedOn.toISOString();
  if (message !== null) return { message, attempts: maxAttempts, reason: BY_HOST, diedAt };
  return { message: { v: 1, incidentId: '' }, attempts: maxAttempts, reason: UNREADABLE, diedAt };
}
