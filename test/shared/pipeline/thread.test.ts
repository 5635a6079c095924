import { beforeEach, describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { acknowledge, assign, silence, unsilence } from '../../../shared/incidents/marks.ts';
import type { IncidentRecord } from '../../../shared/incidents/record.ts';
import { updateIncident } from '../../../shared/pipeline/incidents.ts';
import { revise } from '../../../shared/pipeline/revise.ts';
import { finding } from '../chat/incidents.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  moveOn,
  pass,
  receive,
  suspended,
  theIncident,
  type World,
  workOff,
  workUntilStuck,
} from './kit.ts';

const FIRED_AT = '2026-11-20T13:59:30Z';
const RESOLVED = azureAlert({ condition: 'Resolved', firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:01:00Z' });

let chat: FakeChat;
let plain: FakeChat;
let world: World;

beforeEach(async () => {
  chat = fakeChat({ canReply: true });
  plain = fakeChat({ key: 'slack-webhook', canEdit: false });
  world = createWorld([chat, plain]);
  await receive(world, azureAlert({ firedAt: FIRED_AT }));
  await workOff(world);
});

/** As a command or a diagnosis does it, and then a worker comes by. */
async function change(apply: (record: IncidentRecord) => IncidentRecord, worked = true): Promise<void> {
  const { id } = await theIncident(world);
  await updateIncident(world.deps, id, (record) => record && apply(record));
  await world.queue.send({ v: 1, incidentId: id });
  if (worked) await workOff(world);
}

const ack = (record: IncidentRecord) => acknowledge(record, 'dana', '2026-11-20T14:00:30.000Z');

describe('the thread of a message', () => {
  test('is empty as long as the message says all', () => {
    expect(chat.replies).toEqual([]);
  });

  test('tells each thing once, below the message, however many workers come by', async () => {
    await change(ack);
    const { id } = await theIncident(world);
    for (let i = 0; i < 6; i += 1) await world.queue.send({ v: 1, incidentId: id });
    await Promise.all([workOff(world), workOff(world), workOff(world)]);
    expect(chat.replies).toEqual(['C1:0 Acknowledged by dana']);
    expect([chat.standing.length, plain.standing.length, plain.replies]).toEqual([1, 1, []]);
  });

  test('tells causes as they firm up, flaps, and the end', async () => {
    const cause = finding({ verdict: 'likely' });
    await change((record) => ({ ...record, findings: [cause] }));
    await change((record) => ({ ...record, findings: [cause] }));
    await change((record) => ({ ...record, findings: [{ ...cause, verdict: 'confirmed' }] }));
    await receive(world, RESOLVED);
    await workOff(world);
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:02:00Z' }));
    await workOff(world);
    expect(chat.replies.map((reply) => reply.split('\n', 1)[0])).toEqual([
      expect.stringContaining('retry storm (likely)'),
      expect.stringContaining('kv-contoso: retry storm.'),
      expect.stringMatching(/^C1:0 Resolved after .*: kv-contoso/),
      'C1:0 It fired again soon after it was over: flapped once',
    ]);
  });

  test('tells of an assignment as one thing, with whom it went to', async () => {
    await change((record) => assign(record, 'fox', 'dana', '2026-11-20T14:00:30.000Z'));
    expect(chat.replies).toEqual(['C1:0 Assigned to fox by dana']);
  });

  test('tells of a silence that somebody ended, and of one that follows', async () => {
    const until = '2026-11-20T14:10:00.000Z';
    await change((record) => silence(record, until));
    await change((record) => unsilence(record, '2026-11-20T14:02:00.000Z'));
    await change((record) => unsilence(record, '2026-11-20T14:02:10.000Z'));
    await change((record) => silence(record, '2026-11-20T14:20:00.000Z'));
    expect(chat.replies).toEqual([
      'C1:0 Silenced until 2026-11-20 14:10 UTC',
      'C1:0 No longer silenced',
      'C1:0 Silenced until 2026-11-20 14:20 UTC',
    ]);
  });

  test('tells of a silence, and of nothing else until it ends but what people do', async () => {
    await change((record) => silence(record, '2026-11-20T14:10:00.000Z'));
    await change((record) => ({ ...record, findings: [finding()] }));
    await change(ack);
    expect(chat.replies).toEqual(['C1:0 Silenced until 2026-11-20 14:10 UTC', 'C1:0 Acknowledged by dana']);
    await pass(world, 12);
    expect(chat.replies.at(-1)).toContain('retry storm');
  });

  test('is told again what it certainly did not take', async () => {
    chat.replyFailures.push({ error: new HeadroomError('throttled', '429', { retryAfterMs: 7_000 }), stands: false });
    await change(ack);
    expect(chat.replies).toEqual([]);
    await moveOn(world.clock, 8_000);
    await workOff(world);
    expect(chat.replies).toEqual(['C1:0 Acknowledged by dana']);
  });

  test('is told again by the watch when the queue has lost it', async () => {
    chat.replyFailures.push({ error: new HeadroomError('unavailable', '503'), stands: false });
    await change(ack);
    world.loseQueue();
    await pass(world, 3);
    expect(chat.replies).toEqual(['C1:0 Acknowledged by dana']);
  });

  test.each([true, false])('is never told twice what may stand there (it does: %s)', async (stands) => {
    chat.replyFailures.push({ error: new HeadroomError('timed-out', 'no answer'), stands });
    await change(ack);
    await pass(world, 5);
    expect(chat.replies).toHaveLength(stands ? 1 : 0);
  });

  test.each([true, false])(
    'is never told twice by who takes over from a dead process (it stood: %s)',
    async (stood) => {
      await change(ack, false);
      const stuck: FakeChat = {
        ...chat,
        async reply(ref, body) {
          if (stood) await chat.reply?.(ref, body);
          await new Promise<never>(() => undefined);
        },
      };
      await workUntilStuck(suspended(world, { senders: [stuck, plain], worker: 'worker-dead' }));
      await pass(world, 5);
      expect(chat.replies).toHaveLength(stood ? 1 : 0);
    },
  );
});

test('where messages cannot be edited there are three at most: the post, the cause, the end', async () => {
  const told = (apply: (record: IncidentRecord) => IncidentRecord) =>
    change((record) =>
      revise(record, apply(record), {
        policy: world.deps.policy,
        destinations: world.deps.senders,
        now: '2026-11-20T14:01:00.000Z',
      }),
    );
  await told(ack);
  await told((record) => ({ ...record, findings: [finding({ verdict: 'likely' })] }));
  await told((record) => ({ ...record, findings: [finding()] }));
  await told((record) => assign(record, 'fox', 'dana', '2026-11-20T14:00:50.000Z'));
  await receive(world, RESOLVED);
  await workOff(world);
  expect(plain.calls).toHaveLength(3);
  expect(plain.standing.map(({ body }) => body.split(' ', 1)[0])).toEqual(['kv-contoso:', 'kv-contoso:', 'Resolved']);
});
