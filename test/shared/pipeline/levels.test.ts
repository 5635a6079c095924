import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { protect } from '../../../shared/pipeline/guard.ts';
import { handleDelivery } from '../../../shared/pipeline/handle-delivery.ts';
import { createLevels } from '../../../shared/pipeline/levels.ts';
import type { ChatSender, EvidenceReader } from '../../../shared/ports.ts';
import { type FakeChat, fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  incidentsOf,
  moveOn,
  POLICY,
  pass,
  receive,
  UNLEVELLED,
  type World,
  workOff,
} from './kit.ts';

const RATE = { intervalMs: 1_000, burst: 1 };
const RATES = { slack: null, teams: null, text: { post: RATE, edit: RATE } };

/** A chat that counts what it is sent and when, and refuses what comes sooner than a second after the last. */
function strict(world: { clock: World['clock'] }, chat: FakeChat, retryAfterMs = 30_000) {
  const refused: number[] = [];
  const took: number[] = [];
  const sender: ChatSender = {
    ...chat,
    async post(rendered, signal) {
      const now = world.clock.now();
      if (now - (took.at(-1) ?? Number.NEGATIVE_INFINITY) < 1_000) {
        refused.push(now);
        throw new HeadroomError('throttled', 'answered 429', { retryAfterMs });
      }
      took.push(now);
      return chat.post(rendered, signal);
    },
  };
  return { sender, refused, took };
}

function levelled(senders: (world: World) => ChatSender[], given: Partial<World['deps']> = {}): World {
  const world = createWorld([], given);
  const levels = createLevels(world.deps, RATES);
  world.deps = { ...world.deps, senders: senders(world), levels };
  return world;
}

async function fire(world: World, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1)
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:30.000Z', rule: `r-${i}`, vaults: [`kv-${i}`] }));
}

async function secondsPass(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await workOff(world);
    await moveOn(world.clock, 1_000);
  }
  await workOff(world);
}

describe('a chat that takes one message a second', () => {
  test('is sent one a second, and never has to refuse', async () => {
    const chat = fakeChat();
    let platform: ReturnType<typeof strict> | undefined;
    const world = levelled((of) => {
      platform = strict(of, chat);
      return [platform.sender];
    });
    await fire(world, 12);
    await workOff(world);
    expect(chat.standing).toHaveLength(1);
    await secondsPass(world, 15);
    expect([chat.standing.length, platform?.refused]).toEqual([12, []]);
    expect((await world.queue.depth()).waiting).toBe(0);
  });

  test('is told of a storm before all that waits for its turn', async () => {
    const chat = fakeChat();
    const world = levelled(() => [chat], { policy: { ...POLICY, stormPerMinute: 8 } });
    await fire(world, 30);
    await secondsPass(world, 6);
    expect(chat.standing.filter(({ body }) => body.includes('Alert storm: 22 incidents'))).toHaveLength(1);
    expect(chat.standing.length).toBeLessThan(8);
    await secondsPass(world, 12);
    expect(chat.standing).toHaveLength(9);
  });

  test('that asks for time is given it by all incidents, not by the one that heard of it', async () => {
    const chat = fakeChat();
    let refusals = 0;
    const sender: ChatSender = {
      ...chat,
      async post(rendered, signal) {
        if (refusals > 0) return chat.post(rendered, signal);
        refusals += 1;
        throw new HeadroomError('throttled', 'answered 429', { retryAfterMs: 30_000 });
      },
    };
    const world = levelled(() => [sender]);
    await fire(world, 5);
    await secondsPass(world, 29);
    expect([chat.calls.length, refusals]).toEqual([0, 1]);
    await secondsPass(world, 25);
    expect(chat.standing).toHaveLength(5);
  });

  test('that is down is left alone for a while, and told everything when it is back', async () => {
    const chat = fakeChat();
    let isDown = true;
    let tries = 0;
    const sender: ChatSender = {
      ...chat,
      async post(rendered, signal) {
        tries += 1;
        if (isDown) throw new HeadroomError('unavailable', 'answered 503');
        return chat.post(rendered, signal);
      },
    };
    const world = levelled(() => [sender]);
    await fire(world, 30);
    await secondsPass(world, 120);
    expect(tries).toBeLessThan(20);
    isDown = false;
    await secondsPass(world, 180);
    expect(chat.standing).toHaveLength(30);
  });
});

const UNREADABLE = { state: 'unavailable', why: 'unreachable', nextStep: 'it is asked again' } as const;

/** A log store that says nothing, or that it is down. */
function logs(state: { isDown: boolean }): EvidenceReader & { asked: number } {
  return {
    store: 'logs',
    language: 'sql',
    asked: 0,
    covers: () => true,
    async read({ query }) {
      this.asked += 1;
      return query.statements.map(({ kind, window = 'incident' }) => ({
        kind,
        store: 'logs',
        window,
        readAt: '2026-11-20T14:00:00.000Z',
        ...(state.isDown ? UNREADABLE : { state: 'read', rows: [], truncated: false, completeness: null }),
      }));
    },
  };
}

describe('a log store that is down', () => {
  test('keeps no message back; it says so, and is completed when the store is back, however late', async () => {
    const chat = fakeChat();
    const state = { isDown: true };
    const reader = logs(state);
    const world = levelled(() => [chat], { readers: [reader] });
    await fire(world, 1);
    await secondsPass(world, 5);
    expect(chat.standing[0]?.body).toContain('The log of this resource could not be read');
    await pass(world, 45);
    state.isDown = false;
    expect((await incidentsOf(world))[0]?.runs.planned).toEqual([1, 3, 6, 10, 20, 40, 80]);
    await pass(world, 50);
    expect((await incidentsOf(world))[0]?.runs.planned).toEqual([1, 3, 6, 10, 20, 40, 80]);
    expect(chat.standing[0]?.body).not.toContain('could not be read');
  });

  test('is not asked by everyone who would like to know: a few find out for all', async () => {
    const reader = logs({ isDown: true });
    const world = levelled(() => [fakeChat()], {});
    world.deps = protect({ ...world.deps, readers: [reader], levels: UNLEVELLED });
    await fire(world, 20);
    await workOff(world);
    expect(reader.asked).toBe(3);
    expect((await incidentsOf(world)).every(({ diagnosedAt }) => diagnosedAt !== undefined)).toBe(true);
  });
});

describe('reading evidence', () => {
  test('of one store is bounded in a minute, and what waits comes back by itself', async () => {
    const reader = logs({ isDown: false });
    const world = levelled(() => [fakeChat()], { readers: [reader] });
    world.deps = {
      ...world.deps,
      senders: [{ ...fakeChat(), platform: 'slack' }],
      renderers: { ...world.deps.renderers },
    };
    await fire(world, 25);
    await workOff(world);
    expect(reader.asked).toBe(10);
    await secondsPass(world, 30);
    expect((await incidentsOf(world)).every(({ diagnosedAt }) => diagnosedAt !== undefined)).toBe(true);
  });

  test('costs an incident no more queries than it may, and keeps the answer that it has', async () => {
    const reader = logs({ isDown: false });
    const world = levelled(() => [fakeChat()], { readers: [reader], policy: { ...POLICY, queriesPerIncident: 2 } });
    await fire(world, 1);
    await pass(world, 30);
    expect(reader.asked).toBe(2);
    const [incident] = await incidentsOf(world);
    expect(incident?.queries).toBe(2);
    expect(incident?.runs.done).toEqual([1, 3, 6, 10, 20]);
    expect(incident?.notes.map(({ nextStep }) => nextStep ?? '').join()).toContain('HEADROOM_QUERIES_PER_INCIDENT');
  });
});

/** Seconds pass, and the queue is worked as the platforms do: what failed is put back without using up an attempt. */
async function handled(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    for (const delivery of await world.queue.receive({ max: 32, visibilityMs: 120_000 })) {
      await handleDelivery(world.deps, delivery.message);
      await delivery.ack();
    }
    await moveOn(world.clock, 1_000);
  }
}

describe('a store that is down', () => {
  test('is asked now and then, and work goes on when it is back', async () => {
    const chat = fakeChat();
    const world = createWorld([chat]);
    let isDown = true;
    let asked = 0;
    const { records } = world.deps;
    const get: typeof records.get = (key) => {
      asked += 1;
      if (isDown) throw new HeadroomError('unavailable', 'answered 503');
      return records.get(key);
    };
    await fire(world, 40);
    world.deps = protect({ ...world.deps, records: { ...records, get } });
    await handled(world, 60);
    expect(asked).toBeLessThan(30);
    isDown = false;
    await handled(world, 60);
    expect(chat.standing).toHaveLength(40);
  });
});

test('a joined alert costs at most eleven requests of stores and queue, from receipt to acknowledgement', async () => {
  const world = createWorld([fakeChat(), fakeChat({ key: 'slack-webhook', canEdit: false })]);
  await fire(world, 1);
  await workOff(world);
  let requests = 0;
  const counted = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, method) {
        const member: unknown = Reflect.get(target, method);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          requests += 1;
          return Reflect.apply(member, target, given);
        };
      },
    });
  const { records, queue, payloads } = world.deps;
  world.deps = { ...world.deps, records: counted(records), queue: counted(queue), payloads: counted(payloads) };
  await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:40.000Z', rule: 'r-0', vaults: ['kv-0'] }));
  await workOff(world);
  // Two looks at the queue are among them: the one that finds it, and the one that finds nothing more.
  expect(requests).toBeLessThanOrEqual(11);
});
