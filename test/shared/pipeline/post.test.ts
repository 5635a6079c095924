import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { ChatSender } from '../../../shared/ports.ts';
import { denied, faulty } from '../../contract/faulty.ts';
import { fakeChat, isMarkedRepeat, losing } from './chat.ts';
import {
  azureAlert,
  createWorld,
  effectOf,
  moveOn,
  pass,
  receive,
  theIncident,
  type World,
  workOff,
  workUntilStuck,
} from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const ANOTHER = azureAlert({ firedAt: '2026-11-20T13:59:40Z', rule: 'another' });
const LEASE_MS = 30_000;

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
