import { describe, expect, test } from 'vitest';
import type { Queue, QueueDelivery } from '../../shared/ports.ts';
import type { QueueSubject } from './queue.ts';
import { AFTER_MS, HELD_MS, message, receiveNext, receiveSome } from './queue-receive.ts';

/** What becomes of messages that are buried or never acknowledged; `subject` is made anew for each test. */
export function deadLetterContract(subject: () => QueueSubject): void {
  const queue = (): Queue => subject().queue;
  const receiveUpTo = (count: number): Promise<QueueDelivery[]> => receiveSome(queue(), count);
  const receiveOne = (): Promise<QueueDelivery> => receiveNext(queue());

  async function wearOut(): Promise<void> {
    const { maxAttempts, advance } = subject();
    for (let attempts = 1; attempts <= maxAttempts; attempts += 1) {
      expect((await receiveOne()).attempts).toBe(attempts);
      await advance(AFTER_MS);
    }
  }

  describe('dead letters', () => {
    test('a buried message is listed with its reason and never comes again', async () => {
      await queue().send(message(1));
      await (await receiveOne()).bury('its inbox record is gone');
      await subject().advance(AFTER_MS);
      expect(await receiveUpTo(1)).toEqual([]);
      expect(await queue().depth()).toEqual({ waiting: 0, dead: 1 });
      const [letter] = await queue().dead(10);
      expect(letter).toMatchObject({ message: message(1), attempts: 1, reason: 'its inbox record is gone' });
      expect(letter?.diedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    test('a message that nobody acknowledges dies after its last attempt, and others are still delivered', async () => {
      await queue().send(message(1));
      await wearOut();
      await queue().send(message(2));
      expect((await receiveNext(queue(), HELD_MS)).message).toEqual(message(2));
      expect(await receiveUpTo(1)).toEqual([]);
      expect(await queue().depth()).toEqual({ waiting: 1, dead: 1 });
      const [letter] = await queue().dead(10);
      expect(letter).toMatchObject({ message: message(1), attempts: subject().maxAttempts });
      expect(letter?.reason).toContain(String(subject().maxAttempts));
    });

    test('a message given back at its last attempt dies too', async () => {
      await queue().send(message(1));
      for (let attempts = 1; attempts <= subject().maxAttempts; attempts += 1) await (await receiveOne()).retry(0);
      expect(await receiveUpTo(1)).toEqual([]);
      expect(await queue().depth()).toEqual({ waiting: 0, dead: 1 });
    });

    test('an acknowledgement at the last attempt still counts', async () => {
      await queue().send(message(1));
      for (let attempts = 1; attempts < subject().maxAttempts; attempts += 1) await (await receiveOne()).retry(0);
      await (await receiveOne()).ack();
      expect(await receiveUpTo(1)).toEqual([]);
      expect(await queue().depth()).toEqual({ waiting: 0, dead: 0 });
    });

    test('the oldest are listed first, no more than asked for', async () => {
      for (const n of [1, 2, 3]) {
        await queue().send(message(n));
        await (await receiveOne()).bury(`reason ${n}`);
        await subject().advance(10);
      }
      expect((await queue().dead(2)).map((letter) => letter.reason)).toEqual(['reason 1', 'reason 2']);
      expect(await queue().dead(1_000)).toHaveLength(3);
    });

    test('a dead letter that is removed is gone, the others stay', async () => {
      for (const n of [1, 2]) {
        await queue().send(message(n));
        await (await receiveOne()).bury(`reason ${n}`);
      }
      const last = (await queue().dead(10)).find((letter) => letter.reason === 'reason 2');
      await last?.remove();
      await queue().send(message(3));
      await (await receiveOne()).bury('reason 3');
      await last?.remove();
      expect((await queue().dead(10)).map((letter) => letter.reason).sort()).toEqual(['reason 1', 'reason 3']);
    });

    test('a long reason is cut, not refused', async () => {
      await queue().send(message(1));
      await (await receiveOne()).bury('x'.repeat(5_000));
      expect((await queue().dead(1))[0]?.reason).toBe('x'.repeat(1_000));
    });
  });
}
