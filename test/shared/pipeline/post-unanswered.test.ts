import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import type { ChatSender, Records } from '../../../shared/ports.ts';
import { dead, faulty, lost } from '../../contract/faulty.ts';
import { fakeChat, isMarkedRepeat, losing } from './chat.ts';
import {
  azureAlert,
  createWorld,
  effectOf,
  moveOn,
  pass,
  receive,
  settle,
  suspended,
  theIncident,
  workOff,
  workUntilStuck,
} from './kit.ts';

const FIRED = azureAlert({ firedAt: '2026-11-20T13:59:30Z' });
const ANOTHER = azureAlert({ firedAt: '2026-11-20T13:59:40Z', rule: 'another' });
const LEASE_MS = 30_000;

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

  test('is in greater doubt after a send that was not answered than after one that was refused', async () => {
    const webhook = fakeChat({ key: 'slack-webhook', canEdit: false });
    const faults = [dead(), lost()];
    const world = createWorld([
      faulty<ChatSender>(webhook, (method) => (method === 'post' ? faults.shift() : undefined)),
    ]);
    await receive(world, FIRED);
    await pass(world, 2);
    expect(faults).toEqual([]);
    expect(webhook.standing.map(isMarkedRepeat)).toEqual([false, true]);
  });

  test.each([
    [19_999, 1],
    [20_000, 0],
  ])('gets what is left of the claim, when a store took %i ms of it to write it down: %i sends', async (ms, sends) => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await receive(world, FIRED);
    const records: Records = {
      ...world.records,
      async put(key, value, expected) {
        if (JSON.stringify(value).includes('"state":"sending"')) world.clock.advance(ms);
        return world.records.put(key, value, expected);
      },
    };
    await workOff({ deps: { ...world.deps, records } });
    expect(chat.standing).toHaveLength(sends);
    expect(await effectOf(world, chat)).toMatchObject({ state: sends === 1 ? 'sent' : 'pending' });
    await pass(world, 2);
    expect(chat.standing.map(isMarkedRepeat)).toEqual([false]);
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
