/** What SQS cannot do by itself: delays over 15 minutes, and many dead letters. */
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openQueue } from '../../../shared/adapters/aws/stores.ts';
import type { Queue } from '../../../shared/ports.ts';
import { makeQueue, originOf } from './account.ts';

const MESSAGE = { v: 1, incidentId: 'abcdefgh' } as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const client = new SQSClient({ endpoint: originOf('moto') });
afterAll(() => client.destroy());

let url: string;
let queue: Queue;
/** How far ahead the clock of the adapter is. */
let aheadMs: number;
beforeEach(async () => {
  url = await makeQueue({ maxAttempts: 3 });
  aheadMs = 0;
  queue = openQueue(url, { now: () => Date.now() + aheadMs });
});

/** Sends past the adapter: a message whose 15 minutes in SQS are over. */
async function sendDueIn(ms: number): Promise<void> {
  const dueAt = { DataType: 'Number', StringValue: String(Date.now() + ms) };
  const MessageBody = JSON.stringify(MESSAGE);
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, MessageAttributes: { dueAt } }));
}

async function heldBack(): Promise<number> {
  const asked = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: ['ApproximateNumberOfMessagesDelayed'],
  });
  return Number((await client.send(asked)).Attributes?.ApproximateNumberOfMessagesDelayed);
}

const receive = () => queue.receive({ max: 10, visibilityMs: 2_000 });

describe('SQS, later than it can wait', () => {
  test('a message for a later time than SQS can wait is taken in', async () => {
    await queue.send(MESSAGE, { delayMs: 20 * MINUTE_MS });
    expect([await receive(), await heldBack()]).toEqual([[], 1]);
  });

  test('a message that comes before its time is held back again, without counting as delivered', async () => {
    await sendDueIn(5 * MINUTE_MS);
    expect([await receive(), await heldBack(), await queue.depth()]).toEqual([[], 1, { waiting: 1, dead: 0 }]);
  });

  test('a message whose time has come is delivered', async () => {
    await sendDueIn(-1);
    expect(await receive()).toMatchObject([{ message: MESSAGE, attempts: 1 }]);
  });

  test('a message that is given back for longer than SQS can hide it waits, and counts on', async () => {
    await queue.send(MESSAGE);
    const [first] = await receive();
    await first?.retry(13 * HOUR_MS);
    expect([await receive(), await heldBack(), await queue.depth()]).toEqual([[], 1, { waiting: 1, dead: 0 }]);
  });

  test('attempts before the wait are counted, and the message dies of them', async () => {
    const attemptsBefore = { DataType: 'Number', StringValue: '3' };
    const MessageBody = JSON.stringify(MESSAGE);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, MessageAttributes: { attemptsBefore } }));
    expect(await receive()).toEqual([]);
    expect(await queue.dead(1)).toMatchObject([
      { message: MESSAGE, attempts: 3, reason: expect.stringContaining('3') },
    ]);
  });

  test('a dead letter that is moved back with AWS’s own tools begins anew', async () => {
    await queue.send(MESSAGE);
    const [delivery] = await receive();
    await delivery?.bury('the vault was closed');
    const asked = new ReceiveMessageCommand({ QueueUrl: `${url}-dead`, MessageAttributeNames: ['All'] });
    const { Messages: [letter] = [] } = await client.send(asked);
    const { Body: MessageBody, MessageAttributes } = letter ?? {};
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, MessageAttributes }));
    expect(await receive()).toMatchObject([{ message: MESSAGE, attempts: 1 }]);
  });

  test('a delivery that is over by the clock changes nothing, though SQS would let it', async () => {
    await queue.send(MESSAGE);
    const [delivery] = await receive();
    aheadMs = 2_500;
    await delivery?.ack();
    await delivery?.retry(0);
    await delivery?.bury('too late');
    expect([await receive(), await queue.depth()]).toEqual([[], { waiting: 1, dead: 0 }]);
  });

  test('more dead letters than SQS gives at once are all listed, with any reason', async () => {
    const reasons = Array.from({ length: 23 }, (_, n) => `reason ${n}: "\u0000\uffff😀`);
    for (const reason of [...reasons, '']) {
      await queue.send(MESSAGE);
      const [delivery] = await receive();
      await delivery?.bury(reason);
    }
    const listed = await queue.dead(100);
    expect(listed.map((letter) => letter.reason).sort()).toEqual([...reasons, ''].sort());
    expect(await queue.dead(5)).toHaveLength(5);
  });

  test('what nobody of Headroom sent is laid aside, counted, and no hindrance to the rest', async () => {
    for (const MessageBody of ['no JSON', '[]', 'null'])
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    await queue.send(MESSAGE);
    expect(await receive()).toMatchObject([{ message: MESSAGE }]);
    expect(await queue.depth()).toEqual({ waiting: 1, dead: 3 });
    const letters = await queue.dead(10);
    expect(letters.map(({ reason, attempts }) => [reason, attempts])).toEqual(
      Array(3).fill(['it is no message of Headroom', 1]),
    );
    await Promise.all(letters.map((letter) => letter.remove()));
    expect(await queue.depth()).toEqual({ waiting: 1, dead: 0 });
  });

  test('a queue without a dead-letter queue is a matter of configuration', async () => {
    const orphan = openQueue(`${url}-dead`, { now: Date.now });
    await expect(orphan.depth()).rejects.toMatchObject({ kind: 'configuration' });
    await orphan.send(MESSAGE);
  });
});
