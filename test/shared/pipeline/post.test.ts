import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { Effect } from '../../../shared/model.ts';
import type { ChatSender, Rendered } from '../../../shared/ports.ts';
import { denied, faulty } from '../../contract/faulty.ts';
import { type FakeChat, fakeChat, isMarkedRepeat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  moveOn,
  pass,
  receive,
  settle,
  suspended,
  theIncident,
  type World,
  workOff,
  workUntilStuck,
} from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const ANOTHER = azureAlert({ firedAt: '2026-11-20T13:59:40Z', rule: 'another' });
const LEASE_MS = 30_000;

async function effectOf(world: World, { key }: { key: string }): Promise<Effect | undefined> {
  return (await theIncident(world)).effects.find((effect) => effect.key === key);
}

/** The chat with some of its posts lost: they reach it or not, and their answer never comes. */
function losing(chat: FakeChat, lost: { reaches: boolean }, times = 1): ChatSender {
  let left = times;
  return {
    ...chat,
    async post(rendered: Rendered) {
      if (left-- <= 0) return chat.post(rendered);
      if (lost.reaches) await chat.post(rendered);
      return new Promise<never>(() => undefined);
    },
  };
}

describe('a destination that fails', () => {
  const unavailable = (): { fail: HeadroomError } => ({ fail: new HeadroomError('unavailable', 'connection refused') });

  test('does not keep the others from their message, nor the diagnosis from its end', async () => {
    const chat = fakeChat();
    const broken = faulty<ChatSender>(fakeChat({ key: 'teams-workflow' }), unavailable);
    const world = createWorld([broken, chat]);
    await receive(world, FIRED);
    await workOff(world);
    expect(chat.calls).toEqual(['post 1', 'edit 2']);
    expect(await effectOf(world, broken)).toMatchObject({
      state: 'pending',
      attempts: 1,
      notBefore: expect.any(String),
    });
  });

  test('is tried again, ever less often, until it is back; then it gets one message', async () => {
    const chat = fakeChat();
    let isDown = true;
    const world = createWorld([faulty<ChatSender>(chat, () => (isDown ? unavailable() : undefined))]);
    await receive(world, FIRED);
    await pass(world, 60);
    const effect = await effectOf(world, chat);
    expect(effect).toMatchObject({ state: 'pending' });
    expect(effect?.attempts).toBeGreaterThan(8);
    expect(effect?.attempts).toBeLessThan(30);
    isDown = false;
    await pass(world, 6);
    expect(await effectOf(world, chat)).toMatchObject({ state: 'sent' });
    expect(chat.standing).toHaveLength(1);
    expect(isMarkedRepeat(chat.standing[0])).toBe(false);
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('for good is given up with its reason, and tried anew with the next revision', async () => {
    const chat = fakeChat();
    let mayPost = false;
    const world = createWorld([
      faulty<ChatSender>(chat, (method) => (method === 'post' && !mayPost ? denied() : undefined)),
    ]);
    await receive(world, FIRED);
    await workOff(world);
    expect(await effectOf(world, chat)).toMatchObject({
      state: 'failed',
      kind: 'denied',
      message: 'a role is missing',
    });
    expect((await theIncident(world)).ledger.at(-1)).toMatchObject({ step: 'failed' });
    await pass(world, 5);
    expect(chat.standing).toEqual([]);
    mayPost = true;
    await receive(world, ANOTHER);
    await workOff(world);
    expect(chat.standing).toHaveLength(1);
  });

  test('to take what was rendered is a fault of ours, and of that platform alone', async () => {
    const [text, teams] = [fakeChat(), { ...fakeChat({ key: 'teams-workflow' }), platform: 'teams' as const }];
    const world = createWorld([teams, text]);
    const renderers = {
      ...world.deps.renderers,
      teams: () => {
        throw new TypeError('no such field');
      },
    };
    const broken = { ...world, deps: { ...world.deps, renderers } };
    await receive(broken, FIRED);
    await workOff(broken);
    expect(text.calls).toEqual(['post 1', 'edit 2']);
    expect(await effectOf(world, teams)).toMatchObject({ state: 'failed', kind: 'bug' });
  });

  test('with a long answer keeps a short one', async () => {
    const chat = fakeChat();
    const long = new HeadroomError('invalid', 'x'.repeat(5_000));
    const world = createWorld([faulty<ChatSender>(chat, () => ({ fail: long }))]);
    await receive(world, FIRED);
    await workOff(world);
    const effect = await effectOf(world, chat);
    expect(effect?.state === 'failed' && effect.message.length).toBe(300);
  });
});

describe('a destination that asks for time', () => {
  test('is given it, whatever comes meanwhile', async () => {
    const chat = fakeChat();
    const asked = new HeadroomError('throttled', 'rate limited', { retryAfterMs: 90_000 });
    let calls = 0;
    const throttled = faulty<ChatSender>(chat, () => {
      calls += 1;
      return calls === 1 ? { fail: asked } : undefined;
    });
    const world = createWorld([throttled]);
    await receive(world, FIRED);
    await workOff(world);
    await receive(world, ANOTHER);
    await workOff(world);
    await pass(world, 1);
    expect(calls).toBe(1);
    expect(chat.standing).toEqual([]);
    await pass(world, 1);
    expect(chat.standing).toHaveLength(1);
    expect(chat.standing[0]?.body).toContain('another');
  });
});

describe('a destination that does not answer', () => {
  test('is waited for no longer than two thirds of the lease', async () => {
    const chat = fakeChat();
    const world = createWorld([losing(chat, { reaches: false })]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    expect(await effectOf(world, chat)).toMatchObject({ state: 'sending' });
    await moveOn(world.clock, LEASE_MS * (2 / 3) - 1);
    expect(await effectOf(world, chat)).toMatchObject({ state: 'sending' });
    await moveOn(world.clock, 1);
    expect(await effectOf(world, chat)).toMatchObject({ state: 'pending', unsure: 'timed-out', attempts: 1 });
  });

  test('is told to stop', async () => {
    let signal: AbortSignal | undefined;
    const chat = fakeChat();
    const hanging: ChatSender = {
      ...chat,
      post: (_rendered, given) => {
        signal = given;
        return new Promise<never>(() => undefined);
      },
    };
    const world = createWorld([hanging]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    expect(signal?.aborted).toBe(false);
    await moveOn(world.clock, LEASE_MS);
    expect(signal?.aborted).toBe(true);
  });

  test.each([
    ['that has the message', true, ['post 1', 'find', 'edit 2']],
    ['that has it not', false, ['find', 'post 2']],
  ])('and can be asked is asked before a repeat: one %s', async (_what, reaches, calls) => {
    const chat = fakeChat();
    const world = createWorld([losing(chat, { reaches })]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    await moveOn(world.clock, LEASE_MS);
    await pass(world, 2);
    expect(chat.calls).toEqual(calls);
    expect(chat.standing).toHaveLength(1);
    expect(isMarkedRepeat(chat.standing[0])).toBe(false);
    const effect = await effectOf(world, chat);
    expect(effect).toMatchObject({ state: 'sent', ref: chat.standing[0]?.ref });
    expect(effect?.unsure).toBe(undefined);
  });

  test('and cannot be asked gets a repeat that says so; what follows it says so no more', async () => {
    const webhook = fakeChat({ key: 'slack-webhook', canEdit: false });
    const bot = fakeChat();
    const world = createWorld([losing(webhook, { reaches: true }), bot]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    await moveOn(world.clock, LEASE_MS);
    await pass(world, 2);
    expect(webhook.standing.map(isMarkedRepeat)).toEqual([false, true]);
    expect(await effectOf(world, webhook)).toMatchObject({ state: 'sent', possibleRepeat: true });
    await receive(
      world,
      azureAlert({ firedAt: '2026-11-20T13:59:30Z', resolvedAt: '2026-11-20T14:03:00Z', condition: 'Resolved' }),
    );
    await workOff(world);
    expect(webhook.standing.map(isMarkedRepeat)).toEqual([false, true, false]);
    expect(bot.standing.map(isMarkedRepeat)).toEqual([false]);
  });

  test('but can edit and cannot be asked keeps the mark on the message that may stand twice', async () => {
    const chat = fakeChat({ canAsk: false });
    const world = createWorld([losing(chat, { reaches: true })]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    await moveOn(world.clock, LEASE_MS);
    await pass(world, 2);
    await receive(world, ANOTHER);
    await workOff(world);
    expect(chat.standing.map(isMarkedRepeat)).toEqual([false, true]);
    expect(chat.standing[1]?.revisions.length).toBeGreaterThan(1);
  });

  test('is still in doubt after a failed attempt to ask', async () => {
    const chat = fakeChat({ canAsk: false });
    let asked = 0;
    const hardOfHearing: ChatSender = {
      ...losing(chat, { reaches: true }),
      async find(...given) {
        asked += 1;
        if (asked === 1) throw new HeadroomError('unavailable', 'connection refused');
        return chat.find(...given);
      },
    };
    const world = createWorld([hardOfHearing]);
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    await moveOn(world.clock, LEASE_MS);
    await pass(world, 3);
    expect(chat.standing.map(isMarkedRepeat)).toEqual([false, true]);
  });

  test('may answer while another worker that has taken over is still sending: only that one’s end counts', async () => {
    const ends: (() => void)[] = [];
    const chat = fakeChat();
    const slow: ChatSender = {
      ...chat,
      async post() {
        const ref = `sent by worker ${ends.length + 1}`;
        await new Promise<void>((resolve) => ends.push(resolve));
        return { ref };
      },
    };
    const world = createWorld([slow]);
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    await moveOn(world.clock, LEASE_MS + 1);
    const { id } = await theIncident(world);
    await world.queue.send({ v: 1, incidentId: id });
    // The very same worker's name: it is the claim that counts.
    await workUntilStuck(suspended(world));
    expect(ends).toHaveLength(2);
    ends[0]?.();
    await settle();
    expect(await effectOf(world, chat)).toMatchObject({ state: 'sending' });
    ends[1]?.();
    await settle();
    expect((await effectOf(world, chat))?.delivered).toMatchObject({ ref: 'sent by worker 2' });
  });

  test('may answer after another worker has taken over: what that one found out stands', async () => {
    const chat = fakeChat();
    let answer = (): void => undefined;
    const late: ChatSender = {
      ...chat,
      async post(rendered) {
        const sent = await chat.post(rendered);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return { ...sent, ref: 'late' };
      },
    };
    const world = createWorld([late]);
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    await moveOn(world.clock, LEASE_MS + 1);
    const { id } = await theIncident(world);
    const other = { ...world, deps: { ...world.deps, worker: 'other', senders: [chat] } };
    await other.deps.queue.send({ v: 1, incidentId: id });
    await workOff(other);
    answer();
    await settle();
    expect(await effectOf(world, chat)).toMatchObject({ state: 'sent', ref: chat.standing[0]?.ref });
    expect(chat.standing).toHaveLength(1);
  });
});

describe('where a message goes', () => {
  test('a destination that is no longer routed to is still told of the end', async () => {
    const [first, second] = [fakeChat(), fakeChat({ key: 'slack-bot:C2' })];
    const world = createWorld([first, second]);
    const routed = (key: string): World => ({
      ...world,
      deps: {
        ...world.deps,
        policy: { ...world.deps.policy, route: (_i, all) => all.filter((one) => one.key === key) },
      },
    });
    await receive(world, FIRED);
    await workOff(routed(first.key));
    await receive(
      world,
      azureAlert({ firedAt: '2026-11-20T13:59:30Z', resolvedAt: '2026-11-20T14:02:00Z', condition: 'Resolved' }),
    );
    await workOff(routed(second.key));
    expect([first.standing[0]?.body, second.standing[0]?.body].map((body) => body?.includes('Resolved'))).toEqual([
      true,
      true,
    ]);
  });

  test('how far one destination has got is no content of another’s message', async () => {
    const [bot, webhook] = [fakeChat(), fakeChat({ key: 'slack-webhook', canEdit: false })];
    const world = createWorld([losing(webhook, { reaches: true }), bot]);
    await receive(world, FIRED);
    await workUntilStuck(world);
    await moveOn(world.clock, LEASE_MS);
    await pass(world, 3);
    const { id } = await theIncident(world);
    const before = bot.calls.length;
    await world.queue.send({ v: 1, incidentId: id });
    await workOff(world);
    expect(bot.calls).toHaveLength(before);
  });
});
