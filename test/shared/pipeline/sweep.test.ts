import { describe, expect, test } from 'vitest';
import type { InboxRecord } from '../../../shared/pipeline/inbox.ts';
import { watch } from '../../../shared/pipeline/watch.ts';
import { fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  inboxOf,
  incidentsOf,
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
const FIRED = azureAlert({ firedAt: FIRED_AT });
const MINUTE_MS = 60_000;

/** An inbox record as a process leaves it that dies right after its first write. */
async function leaveBehind(world: World, change: Record<string, unknown> = {}, body: unknown = FIRED): Promise<void> {
  const receivedAt = new Date(world.clock.now()).toISOString();
  const text = JSON.stringify(body);
  const record = {
    v: 1,
    source: 'azure',
    receivedAt,
    hash: 'h',
    bytes: text.length,
    body: text,
    state: 'received',
    ...change,
  };
  await world.records.put({ partition: `inbox/${receivedAt.slice(0, 13)}`, id: `${receivedAt}~x` }, record, 'absent');
}

describe('a received payload that nobody took in', () => {
  test.each([
    ['not before it is a minute old', MINUTE_MS - 1, 0],
    ['once it is', MINUTE_MS, 1],
    ['hours later', 5 * 3_600_000, 1],
  ])('is queued again %s', async (_when, ageMs, requeued) => {
    const world = createWorld([fakeChat()]);
    await leaveBehind(world);
    await moveOn(world.clock, ageMs);
    expect(await watch(world.deps)).toMatchObject({ inboxRequeued: requeued });
    expect((await world.queue.depth()).waiting).toBe(requeued);
  });

  test('is taken in, and then left alone', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await leaveBehind(world);
    await pass(world, 5);
    expect(chat.standing).toHaveLength(1);
    expect(await inboxOf(world)).toMatchObject([{ state: 'taken' }]);
    expect(await watch(world.deps)).toMatchObject({ inboxRequeued: 0, incidentsRequeued: 0 });
  });

  test('is found behind hundreds of others, taken and dead, of several hours', async () => {
    const world = createWorld([]);
    for (let i = 0; i < 450; i += 1) await receive(world, { not: 'understood', i });
    await receive(world, FIRED);
    await workOff(world);
    await moveOn(world.clock, 3_600_000);
    for (let i = 0; i < 450; i += 1) await receive(world, { not: 'understood', i });
    await moveOn(world.clock, 3_600_000);
    await leaveBehind(world, {}, azureAlert({ firedAt: '2026-11-20T15:59:00Z', vaults: ['kv-late'] }));
    await pass(world, 2);
    expect((await incidentsOf(world)).map(({ resource }) => resource.name)).toEqual(['kv-contoso', 'kv-late']);
  });

  test('that cannot be read any more is laid aside, and keeps nothing else from being swept', async () => {
    const world = createWorld([fakeChat()]);
    await leaveBehind(world, { body: '{' });
    await moveOn(world.clock, 1_000);
    await leaveBehind(world, {
      body: undefined,
      stored: 'payload-gone',
      alerts: [{ id: 'a', incidentId: 'abcdefgh' }],
    });
    await moveOn(world.clock, 1_000);
    await leaveBehind(world);
    await pass(world, 4);
    expect((await inboxOf(world)).map(({ state }) => state)).toEqual(['taken', 'dead', 'dead']);
    expect((await theIncident(world)).effects).toMatchObject([{ state: 'sent' }]);
  });

  test('of a newer version is left to a newer process, and keeps nothing else from being swept', async () => {
    const world = createWorld([fakeChat()]);
    await leaveBehind(world, { v: 2 });
    await moveOn(world.clock, 1_000);
    await leaveBehind(world);
    await pass(world, 3);
    const [, newer] = await inboxOf(world);
    expect((await world.records.get<InboxRecord>(newer?.key ?? { partition: '', id: '' }))?.value).toMatchObject({
      v: 2,
      state: 'received',
    });
    expect((await theIncident(world)).effects).toMatchObject([{ state: 'sent' }]);
    expect(world.log.events.map(({ event }) => event)).toContain('not-swept');
  });

  test('is given up after a day, and stays where it is listed', async () => {
    const world = createWorld([]);
    await leaveBehind(world, { source: 'a source of tomorrow' });
    await pass(world, 2);
    await moveOn(world.clock, 24 * 3_600_000);
    const before = await world.queue.depth();
    await watch(world.deps);
    await watch(world.deps);
    expect(await world.queue.depth()).toEqual(before);
    expect(world.log.events.filter(({ event }) => event === 'inbox-given-up')).toHaveLength(1);
  });
});

describe('an incident whose queue message is lost', () => {
  test('is worked on again after a minute: what was not sent is sent', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await receive(world, FIRED);
    const hanging = { ...chat, post: () => new Promise<never>(() => undefined) };
    await workUntilStuck(suspended(world, { senders: [hanging] }));
    world.loseQueue();
    await moveOn(world.clock, MINUTE_MS - 1);
    expect(await watch(world.deps)).toMatchObject({ incidentsRequeued: 0 });
    await moveOn(world.clock, 1);
    expect(await watch(world.deps)).toMatchObject({ incidentsRequeued: 1 });
    await workOff(world);
    expect(chat.calls).toEqual(['find', 'post 1', 'edit 2']);
  });

  test('has its late runs made', async () => {
    let reads = 0;
    const store = {
      store: 's',
      language: 'sql' as const,
      covers: () => true,
      read: async () => {
        reads += 1;
        return [];
      },
    };
    const world = createWorld([fakeChat()], { readers: [store] });
    await receive(world, FIRED);
    await workOff(world);
    world.loseQueue();
    await pass(world, 25);
    expect((await theIncident(world)).runs.done).toEqual([1, 3, 6, 10, 20]);
    expect(reads).toBe(6);
  });

  test('is not forgotten when the next incident of its vault has begun', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    await receive(world, FIRED);
    await workOff(world);
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:00:00Z', condition: 'Resolved' }));
    const hanging = { ...chat, edit: () => new Promise<never>(() => undefined) };
    await workUntilStuck(suspended(world, { senders: [hanging] }));
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:16:00Z' }));
    world.loseQueue();
    await pass(world, 5);
    expect(chat.standing).toHaveLength(2);
    expect(chat.standing[0]?.body).toContain('Resolved');
  });

  test('is left alone for a destination that is no longer configured', async () => {
    const world = createWorld([fakeChat()]);
    await receive(world, FIRED);
    await workOff({
      deps: {
        ...world.deps,
        senders: [{ ...fakeChat({ key: 'gone' }), post: () => Promise.reject(new Error('down')) }],
      },
    });
    world.loseQueue();
    await moveOn(world.clock, 10 * MINUTE_MS);
    expect(await watch(world.deps)).toMatchObject({ incidentsRequeued: 0 });
  });
});

describe('pointers', () => {
  test('are watched as long as their incident is open, and for a day after', async () => {
    const world = createWorld([fakeChat()]);
    await receive(world, FIRED);
    await workOff(world);
    await moveOn(world.clock, 30 * 24 * 3_600_000);
    await watch(world.deps);
    expect(await world.records.list('open')).toHaveLength(1);
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-12-20T13:00:00Z', condition: 'Resolved' }));
    await workOff(world);
    await moveOn(world.clock, 24 * 3_600_000 - MINUTE_MS);
    await watch(world.deps);
    expect(await world.records.list('open')).toHaveLength(1);
    await moveOn(world.clock, 2 * MINUTE_MS);
    await watch(world.deps);
    expect(await world.records.list('open')).toEqual([]);
  });

  test('and incidents of a newer version keep no other from being swept', async () => {
    const world = createWorld([fakeChat()]);
    await world.records.put({ partition: 'open', id: '0' }, { v: 2, incidentId: 'aaaaaaaa' }, 'absent');
    await world.records.put({ partition: 'open', id: '00' }, { v: 1, incidentId: 'bbbbbbbb' }, 'absent');
    await world.records.put({ partition: 'incident/bbbbbbbb', id: 'state' }, { v: 2 }, 'absent');
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: FIRED_AT, condition: 'Resolved' }));
    await workOff(world);
    await moveOn(world.clock, 16 * MINUTE_MS);
    expect(await watch(world.deps)).toMatchObject({ loneSettled: 1 });
    expect(world.log.events.filter(({ event }) => event === 'not-swept')).toHaveLength(2);
  });

  test('of an incident that two workers resolve and reopen say what it is in the end', async () => {
    const world = createWorld([fakeChat()]);
    await receive(world, FIRED);
    await workOff(world);
    // The first worker's write to the pointer comes after all that the second one does.
    const held: (() => void)[] = [];
    const slow: World['records'] = {
      ...world.records,
      async put(key, value, expected) {
        if (key.partition === 'open' && held.length === 0) await new Promise<void>((resolve) => held.push(resolve));
        return world.records.put(key, value, expected);
      },
    };
    await receive(world, azureAlert({ firedAt: FIRED_AT, resolvedAt: '2026-11-20T14:01:00Z', condition: 'Resolved' }));
    const first = workOff({ deps: { ...world.deps, records: slow } });
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    await receive(world, azureAlert({ firedAt: '2026-11-20T14:03:00Z' }));
    await workOff(world);
    expect(held).toHaveLength(1);
    held[0]?.();
    await first;
    expect((await theIncident(world)).lifecycle).toEqual({ state: 'open' });
    const [pointer] = await world.records.list<{ resolvedAt?: string }>('open');
    expect(pointer?.value.resolvedAt).toBe(undefined);
  });
});
