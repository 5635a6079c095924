import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueueMessage } from '../../shared/model.ts';
import type { Queue, QueueDelivery } from '../../shared/ports.ts';
import { deadLetterContract } from './queue-dead-letters.ts';
import { queueCommands, startQueueModel } from './queue-model.ts';
import { AFTER_MS, HELD_MS, message, receiveNext, receiveSome, VISIBILITY_MS } from './queue-receive.ts';

/** A queue with nothing in it, whose messages die after `maxAttempts` deliveries. */
export type QueueSubject = {
  queue: Queue;
  maxAttempts: number;
  /** Lets time pass: by the queue's own clock where it is given one, else by waiting. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
};

/**
 * What every `Queue` must do.
 *
 * @param options.ordered delivers by the time a message became visible, then as sent; no port's user relies on it
 * @param options.modelRuns random histories to compare with a model, default 100; only where `ordered`
 */
export function queueContract(
  name: string,
  make: () => Promise<QueueSubject>,
  options: { ordered: boolean; modelRuns?: number },
): void {
  describe(`${name} as Queue`, () => {
    let subject: QueueSubject;
    let queue: Queue;
    beforeEach(async () => {
      subject = await make();
      queue = subject.queue;
    });
    afterEach(() => subject.close());

    const numbers = Array.from({ length: 40 }, (_, n) => n);

    const receiveUpTo = (count: number): Promise<QueueDelivery[]> => receiveSome(queue, count);
    const receiveOne = (): Promise<QueueDelivery> => receiveNext(queue);

    describe('delivery', () => {
      test('an empty queue gives nothing', async () => {
        expect(await receiveUpTo(1)).toEqual([]);
        expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
      });

      test('a message arrives as it was sent, at its first attempt', async () => {
        const sent: QueueMessage = {
          v: 1,
          incidentId: 'a2b3c4d5',
          inbox: { partition: 'inbox/x', id: 'é"\n' },
          runMinutes: 3,
        };
        await queue.send(sent);
        const delivery = await receiveOne();
        expect(delivery.message).toEqual(sent);
        expect(delivery.attempts).toBe(1);
      });

      test('a message that is changed after the call is sent as it was', async () => {
        const sent = message(1);
        const sending = queue.send(sent);
        sent.incidentId = 'changed';
        await sending;
        expect((await receiveOne()).message).toEqual(message(1));
      });

      test('at most the asked number comes at once, and every message in the end', async () => {
        await Promise.all(numbers.map((n) => queue.send(message(n))));
        const first = await queue.receive({ max: 7, visibilityMs: HELD_MS });
        expect(first.length).toBeLessThanOrEqual(7);
        const all = [...first, ...(await receiveSome(queue, numbers.length - first.length, 10, HELD_MS))];
        expect(all.map(({ message: { incidentId } }) => incidentId).sort()).toEqual(
          numbers.map((n) => message(n).incidentId).sort(),
        );
      });

      test('receivers at once never share a message', async () => {
        await Promise.all(numbers.map((n) => queue.send(message(n))));
        const got = (await Promise.all(numbers.map(() => queue.receive({ max: 3, visibilityMs: HELD_MS })))).flat();
        expect(new Set(got.map((delivery) => delivery.message.incidentId)).size).toBe(got.length);
        expect(got.length).toBeGreaterThan(3);
      });

      test('a delayed message waits for its time', async () => {
        await queue.send(message(1), { delayMs: 2_000 });
        expect(await queue.receive({ max: 1, visibilityMs: VISIBILITY_MS })).toEqual([]);
        expect(await queue.depth()).toEqual({ waiting: 1, dead: 0 });
        await subject.advance(2_100);
        expect((await receiveOne()).message).toEqual(message(1));
      });

      if (options.ordered)
        test('order is by the time a message became visible, then as sent', async () => {
          await queue.send(message(4), { delayMs: 2_000 });
          await queue.send(message(2), { delayMs: 1_000 });
          await queue.send(message(3), { delayMs: 1_000 });
          await queue.send(message(1));
          await subject.advance(2_100);
          const got = await queue.receive({ max: 10, visibilityMs: VISIBILITY_MS });
          expect(got.map((delivery) => delivery.message)).toEqual([1, 2, 3, 4].map(message));
        });
    });

    describe('acknowledgement', () => {
      test('an acknowledged message never comes again', async () => {
        await queue.send(message(1));
        await (await receiveOne()).ack();
        await subject.advance(AFTER_MS);
        expect(await receiveUpTo(1)).toEqual([]);
        expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
      });

      test('a message without acknowledgement comes again when its visibility has run out, not before', async () => {
        await queue.send(message(1));
        await receiveOne();
        expect(await queue.receive({ max: 1, visibilityMs: VISIBILITY_MS })).toEqual([]);
        expect(await queue.depth()).toEqual({ waiting: 1, dead: 0 });
        await subject.advance(AFTER_MS);
        const again = await receiveOne();
        expect([again.message, again.attempts]).toEqual([message(1), 2]);
      });

      test('acknowledging twice is no error', async () => {
        await queue.send(message(1));
        const delivery = await receiveOne();
        await delivery.ack();
        await delivery.ack();
        expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
      });

      test.each([
        ['acknowledgement', (late: QueueDelivery) => late.ack()],
        ['return', (late: QueueDelivery) => late.retry(0)],
        ['burial', (late: QueueDelivery) => late.bury('too late')],
      ])('a late %s does not touch the delivery that someone else has by then', async (_what, settle) => {
        await queue.send(message(1));
        const late = await receiveOne();
        await subject.advance(AFTER_MS);
        const current = await receiveNext(queue, HELD_MS);
        await settle(late);
        expect(await queue.depth()).toEqual({ waiting: 1, dead: 0 });
        expect(await queue.receive({ max: 1, visibilityMs: VISIBILITY_MS })).toEqual([]);
        await current.ack();
        expect(await queue.depth()).toEqual({ waiting: 0, dead: 0 });
      });

      test('a message that is given back comes again after its delay and counts on', async () => {
        await queue.send(message(1));
        await (await receiveOne()).retry(2_000);
        expect(await queue.receive({ max: 1, visibilityMs: VISIBILITY_MS })).toEqual([]);
        await subject.advance(2_100);
        expect((await receiveOne()).attempts).toBe(2);
      });

      test('a message that is given back without delay is there at once', async () => {
        await queue.send(message(1));
        await (await receiveOne()).retry(0);
        expect((await receiveOne()).attempts).toBe(2);
      });
    });

    deadLetterContract(() => subject);

    describe('bounds', () => {
      test('a message of 48 KB is refused, and others of the same moment are kept', async () => {
        const settled = await Promise.allSettled([
          queue.send(message(1)),
          queue.send({ v: 1, incidentId: 'x'.repeat(49_152) }),
          queue.send(message(2)),
        ]);
        expect(settled[1]).toMatchObject({ status: 'rejected', reason: { kind: 'too-large' } });
        expect(await queue.depth()).toEqual({ waiting: 2, dead: 0 });
      });

      test.each([
        [0, 1_000],
        [33, 1_000],
        [1.5, 1_000],
        [1, 0],
        [1, Number.NaN],
        [1, 43_200_001],
      ])('receiving %s for %s ms is invalid', async (max, visibilityMs) => {
        await expect(queue.receive({ max, visibilityMs })).rejects.toMatchObject({ kind: 'invalid' });
      });

      test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 604_800_001])(
        'a delay of %s ms is invalid',
        async (delayMs) => {
          await expect(queue.send(message(1), { delayMs })).rejects.toMatchObject({ kind: 'invalid' });
          await queue.send(message(2));
          await expect((await receiveOne()).retry(delayMs)).rejects.toMatchObject({ kind: 'invalid' });
        },
      );

      test.each([0, 1_001, 1.5])('a list of %s dead letters is invalid', async (limit) => {
        await expect(queue.dead(limit)).rejects.toMatchObject({ kind: 'invalid' });
      });
    });

    if (options.ordered)
      test('any history gives what the model would', async () => {
        await fc.assert(
          fc.asyncProperty(queueCommands(), async (commands) => {
            const fresh = await make();
            try {
              await fc.asyncModelRun(
                () => ({ model: startQueueModel(fresh.maxAttempts), real: { subject: fresh, held: [] } }),
                commands,
              );
            } finally {
              await fresh.close();
            }
          }),
          { numRuns: options.modelRuns ?? 100 },
        );
      });
  });
}
