import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../shared/model.ts';
import { diagnose } from '../../../shared/pipeline/diagnose.ts';
import { work } from '../../../shared/pipeline/work.ts';
import type { EvidenceReader } from '../../../shared/ports.ts';
import { dead, faulty } from '../../contract/faulty.ts';
import { fakeChat } from './chat.ts';
import {
  azureAlert,
  createWorld,
  moveOn,
  POLICY,
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

type Store = EvidenceReader & { reads: number; answer(): void };

/** A log store that says nothing; `patient`: only once it is told to. */
function logStore({ covers = true, patient = false } = {}): Store {
  let release = (): void => undefined;
  const store: Store = {
    store: 'exported files',
    language: 'sql',
    covers: () => covers,
    reads: 0,
    answer: () => release(),
    async read(): Promise<Reading[]> {
      store.reads += 1;
      if (patient)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      return [];
    },
  };
  return store;
}

async function claimed(world: World): Promise<string> {
  await receive(world, FIRED);
  void workOff(world);
  await settle();
  return (await theIncident(world)).id;
}

describe('when evidence is read', () => {
  test('with the first message, and again 1, 3, 6, 10 and 20 min later', async () => {
    const store = logStore();
    const world = createWorld([fakeChat()], { readers: [store] });
    await receive(world, FIRED);
    const reads: number[] = [];
    for (let minute = 0; minute <= 24; minute += 1) {
      await pass(world, minute === 0 ? 0 : 1);
      reads.push(store.reads);
    }
    expect(reads.map((n, i) => n - (reads[i - 1] ?? 0)).flatMap((n, minute) => (n > 0 ? [minute] : []))).toEqual([
      0, 1, 3, 6, 10, 20,
    ]);
    expect(store.reads).toBe(6);
    expect((await theIncident(world)).runs).toEqual({ planned: [1, 3, 6, 10, 20], done: [1, 3, 6, 10, 20] });
  });

  test('once where no store covers the resource: there is nothing to come', async () => {
    const world = createWorld([fakeChat()], { readers: [logStore({ covers: false })] });
    await receive(world, FIRED);
    await pass(world, 25);
    expect((await theIncident(world)).runs).toEqual({ planned: [], done: [] });
    expect(await world.queue.depth()).toEqual({ waiting: 0, dead: 0 });
  });

  test('not at all about a resource that may not be read', async () => {
    const store = logStore();
    const world = createWorld([fakeChat()], { readers: [store], policy: { ...POLICY, mayRead: () => false } });
    await receive(world, FIRED);
    await workOff(world);
    expect(store.reads).toBe(0);
    expect((await theIncident(world)).diagnosedAt).toEqual(expect.any(String));
    expect((await theIncident(world)).runs).toEqual({ planned: [], done: [] });
  });

  test('again when another rule fires or the incident ends, not when the same rule fires again', async () => {
    const store = logStore({ covers: true });
    const world = createWorld([fakeChat()], { readers: [store] });
    const readsAfter = async (body: unknown): Promise<number> => {
      await receive(world, body);
      await workOff(world);
      return store.reads;
    };
    expect(await readsAfter(FIRED)).toBe(1);
    expect(await readsAfter(azureAlert({ firedAt: '2026-11-20T13:59:50Z' }))).toBe(1);
    expect(await readsAfter(azureAlert({ firedAt: '2026-11-20T13:59:50Z', rule: 'another' }))).toBe(2);
    for (const [rule, firedAt] of [
      ['kv-throttled', '2026-11-20T13:59:30Z'],
      ['kv-throttled', '2026-11-20T13:59:50Z'],
    ] as const)
      expect(
        await readsAfter(azureAlert({ rule, firedAt, resolvedAt: '2026-11-20T14:05:00Z', condition: 'Resolved' })),
      ).toBe(2);
    const last = azureAlert({
      rule: 'another',
      firedAt: '2026-11-20T13:59:50Z',
      resolvedAt: '2026-11-20T14:05:00Z',
      condition: 'Resolved',
    });
    expect(await readsAfter(last)).toBe(3);
  });
});

describe('one diagnosis at a time', () => {
  test('a second worker, or a second message of the same one, does not read as well', async () => {
    const store = logStore({ patient: true });
    const world = createWorld([fakeChat()], { readers: [store] });
    const id = await claimed(world);
    expect(store.reads).toBe(1);
    await work({ ...world.deps, worker: 'other' }, { v: 1, incidentId: id });
    await work(world.deps, { v: 1, incidentId: id });
    expect(store.reads).toBe(1);
    store.answer();
    await settle();
    expect((await theIncident(world)).diagnosedAt).toEqual(expect.any(String));
  });

  test('what comes in meanwhile is read about once the first has ended', async () => {
    const store = logStore({ patient: true });
    const world = createWorld([fakeChat()], { readers: [store] });
    await claimed(world);
    await receive(world, azureAlert({ firedAt: '2026-11-20T13:59:50Z', rule: 'another' }));
    await workOff(world);
    store.answer();
    await settle();
    expect(store.reads).toBe(2);
    store.answer();
    await settle();
    expect((await theIncident(world)).diagnosing).toBe(undefined);
    expect((await theIncident(world)).diagnosedSignals).toHaveLength(3);
  });

  test('one whose worker died is taken over when its lease is over', async () => {
    const world = createWorld([fakeChat()], { readers: [logStore({ patient: true })] });
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    const { id } = await theIncident(world);
    // Its message is gone with it: only the worker that comes by meanwhile comes back.
    world.loseQueue();
    const other = { ...world.deps, worker: 'other', readers: [logStore()] };
    expect(await work(other, { v: 1, incidentId: id })).toEqual({ done: true });
    expect((await theIncident(world)).diagnosedAt).toBe(undefined);
    for (let minute = 0; minute < 3; minute += 1) {
      await moveOn(world.clock, 60_000);
      await workOff({ deps: other });
    }
    expect((await theIncident(world)).diagnosedAt).toEqual(expect.any(String));
  });

  test('that comes to its end after it was taken over changes nothing', async () => {
    const store = logStore({ patient: true });
    const world = createWorld([fakeChat()], { readers: [store] });
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    await moveOn(world.clock, 121_000);
    const { id } = await theIncident(world);
    const other = logStore({ patient: true });
    void diagnose({ ...world.deps, worker: world.deps.worker, readers: [other] }, id);
    await settle();
    expect(other.reads).toBe(1);
    store.answer();
    await settle();
    expect((await theIncident(world)).diagnosedAt).toBe(undefined);
    other.answer();
    await settle();
    expect((await theIncident(world)).diagnosedAt).toEqual(expect.any(String));
  });
});

describe('a worker that comes by while another diagnoses', () => {
  test('comes back when the lease is over, once for a hundred of them', async () => {
    const world = createWorld([fakeChat()], { readers: [logStore({ patient: true })] });
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    const { id } = await theIncident(world);
    world.loseQueue();
    for (let i = 0; i < 100; i += 1) await work({ ...world.deps, worker: `w${i}` }, { v: 1, incidentId: id });
    expect(await world.queue.depth()).toEqual({ waiting: 1, dead: 0 });
  });

  test('for a late run of its own comes back for that', async () => {
    const world = createWorld([fakeChat()], { readers: [logStore({ patient: true })] });
    await receive(world, FIRED);
    await workUntilStuck(suspended(world));
    const { id } = await theIncident(world);
    world.loseQueue();
    for (const runMinutes of [1, 3]) await work(world.deps, { v: 1, incidentId: id, runMinutes });
    expect(await world.queue.depth()).toEqual({ waiting: 2, dead: 0 });
  });
});

describe('a diagnosis that fails', () => {
  test('lets the next attempt begin at once', async () => {
    const world = createWorld([fakeChat()], { readers: [logStore()] });
    const broken = {
      ...world.deps,
      policy: {
        ...POLICY,
        mayRead: () => {
          throw new TypeError('no such scope');
        },
      },
    };
    await receive(world, FIRED);
    await workOff({ deps: broken });
    const failed = await theIncident(world);
    expect([failed.diagnosedAt, failed.diagnosing]).toEqual([undefined, undefined]);
    await pass(world, 1);
    expect((await theIncident(world)).diagnosedAt).toEqual(expect.any(String));
  });

  test('after it was taken over leaves the other’s claim alone', async () => {
    let fail = (): void => undefined;
    const world = createWorld([fakeChat()], { readers: [logStore({ patient: true })] });
    const failing = {
      ...world.deps.payloads,
      put: () =>
        new Promise<never>((_resolve, reject) => {
          fail = () => reject(new TypeError('no such folder'));
        }),
    };
    const first = suspended(world, { payloads: failing, readers: [] });
    await receive(world, FIRED);
    await workUntilStuck(first);
    await moveOn(world.clock, 121_000);
    const { id } = await theIncident(world);
    void diagnose(suspended(world).deps, id);
    await settle();
    const claim = (await theIncident(world)).diagnosing;
    fail();
    await settle();
    expect(claim?.until).toEqual(expect.any(String));
    expect((await theIncident(world)).diagnosing).toEqual(claim);
  });

  test('to keep its evidence still answers', async () => {
    const chat = fakeChat();
    const world = createWorld([chat], { readers: [logStore()] });
    await receive(world, FIRED);
    await workOff({ deps: { ...world.deps, payloads: faulty(world.deps.payloads, () => dead()) } });
    expect(chat.calls).toEqual(['post 1', 'edit 2']);
    expect(world.log.events).toContainEqual(expect.objectContaining({ level: 'warn', event: 'evidence-not-kept' }));
  });
});
