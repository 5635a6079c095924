import { describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryRecords } from '../../../shared/adapters/memory/records.ts';
import { protect } from '../../../shared/pipeline/guard.ts';
import type { EvidenceReader, Measurement } from '../../../shared/ports.ts';
import { dead, denied, faulty, slow } from '../../contract/faulty.ts';
import { payloadStoreContract } from '../../contract/payload-store.ts';
import { queueContract } from '../../contract/queue.ts';
import { recordsContract } from '../../contract/records.ts';
import { createWorld, moveOn, settle, type World } from './kit.ts';

function guarded(given: Partial<World['deps']>): World {
  const world = createWorld([]);
  world.deps = protect({ ...world.deps, ...given });
  return world;
}

recordsContract(
  'memory behind a breaker',
  async () => ({ records: guarded({ records: createMemoryRecords() }).deps.records, close: async () => undefined }),
  { modelRuns: 20 },
);

const REQUEST: Parameters<EvidenceReader['read']>[0] = {
  resource: { cloud: 'azure', id: '/r', name: 'r', type: 't', scope: 's' },
  from: '2026-11-20T13:00:00.000Z',
  to: '2026-11-20T14:00:00.000Z',
  window: 'incident',
  query: { setup: [], statements: [{ kind: 'callers', text: '' }], parameters: {} },
};

const key = { partition: 'p', id: 'a' };

describe('records behind a breaker', () => {
  /** Calls that reached the store, of so many that were made. */
  async function reached(fault: () => ReturnType<typeof dead>, calls: number): Promise<number> {
    let count = 0;
    const records = faulty(createMemoryRecords(), () => {
      count += 1;
      return fault();
    });
    const { deps } = guarded({ records });
    for (let call = 0; call < calls; call += 1) await deps.records.get(key).catch(() => undefined);
    return count;
  }

  test.each([
    ['dead', dead, 8],
    ['denied: an answer that says no is one', denied, 30],
  ])('are left alone when they are %s', async (_what, fault, calls) => {
    expect(await reached(fault, 30)).toBe(calls);
  });

  test('say when it makes sense to ask again, and are asked by one then', async () => {
    let isDown = true;
    let count = 0;
    const records = faulty(createMemoryRecords(), () => {
      count += 1;
      return isDown ? dead() : undefined;
    });
    const world = guarded({ records });
    for (let call = 0; call < 8; call += 1) await world.deps.records.get(key).catch(() => undefined);
    await expect(world.deps.records.get(key)).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfterMs: expect.any(Number),
    });
    await moveOn(world.clock, 1_000);
    isDown = false;
    const asked = await Promise.allSettled([world.deps.records.get(key), world.deps.records.get(key)]);
    expect([count, asked.map(({ status }) => status)]).toEqual([9, ['fulfilled', 'rejected']]);
    expect(await world.deps.records.get(key)).toBe(null);
  });

  test('that are slow are asked for so much at once, and the rest waits its turn', async () => {
    const world = createWorld([]);
    let atOnce = 0;
    const records = faulty(createMemoryRecords(), () => {
      atOnce += 1;
      return slow(world.clock, 1_000);
    });
    const { deps } = { deps: protect({ ...world.deps, records }) };
    const all = Promise.all(Array.from({ length: 100 }, () => deps.records.get(key)));
    await settle();
    expect(atOnce).toBe(64);
    await moveOn(world.clock, 1_000);
    await settle();
    expect(atOnce).toBe(100);
    await moveOn(world.clock, 1_000);
    expect(await all).toHaveLength(100);
  });
});

describe('a log store behind a breaker', () => {
  test('that never answers is down once those who waited have given up', async () => {
    let asked = 0;
    const reader: EvidenceReader = {
      store: 'logs',
      language: 'sql',
      covers: () => true,
      read: () => {
        asked += 1;
        return new Promise<never>(() => undefined);
      },
    };
    const [guardedReader] = guarded({ readers: [reader] }).deps.readers;
    for (let run = 0; run < 3; run += 1) {
      const stop = new AbortController();
      void guardedReader?.read(REQUEST, stop.signal);
      await settle();
      stop.abort();
    }
    expect(await guardedReader?.read(REQUEST)).toMatchObject([{ kind: 'callers', why: 'unreachable' }]);
    expect(asked).toBe(3);
  });
});

describe('a log store that asks for time', () => {
  function busy(retryAfterMs: number | undefined): EvidenceReader & { asked: number } {
    const reader: EvidenceReader & { asked: number } = {
      store: 'logs',
      language: 'kql',
      covers: () => true,
      asked: 0,
      async read() {
        reader.asked += 1;
        const head = {
          kind: 'callers',
          store: 'logs',
          window: 'incident',
          readAt: 'now',
          state: 'unavailable',
        } as const;
        const waits = retryAfterMs === undefined ? {} : { retryAfterMs };
        return [{ ...head, why: 'throttled', nextStep: 'wait', ...waits }];
      },
    };
    return reader;
  }

  test.each([
    ['is left alone as long as it says', 30_000, 29_999],
    ['is asked again after ten minutes whatever it says', 86_400_000, 599_999],
  ])('%s, by all who would ask it', async (_what, retryAfterMs, restMs) => {
    const reader = busy(retryAfterMs);
    const world = guarded({ readers: [reader] });
    const [asked] = world.deps.readers;
    await asked?.read(REQUEST);
    await moveOn(world.clock, restMs);
    expect(await asked?.read(REQUEST)).toMatchObject([
      { why: 'throttled', nextStep: expect.stringContaining('left alone') },
    ]);
    expect(reader.asked).toBe(1);
    await moveOn(world.clock, 1);
    await asked?.read(REQUEST);
    expect(reader.asked).toBe(2);
  });

  test('and does not say how much is asked again', async () => {
    const reader = busy(undefined);
    const [asked] = guarded({ readers: [reader] }).deps.readers;
    await asked?.read(REQUEST);
    await asked?.read(REQUEST);
    expect(reader.asked).toBe(2);
  });
});

describe('a log store that is asked and asked', () => {
  function patient(questions: number): EvidenceReader & { asked: number } {
    const reader: EvidenceReader & { asked: number } = {
      store: 'logs',
      language: 'kql',
      covers: () => true,
      asked: 0,
      async read({ spend }) {
        for (let nth = 0; nth < questions; nth += 1) if (nth === 0 || spend?.() !== false) reader.asked += 1;
        return [];
      },
    };
    return reader;
  }

  test.each([
    ['by reading after reading', 1],
    ['by readings that take several questions each', 6],
  ])('%s answers two hundred questions in a minute, and more in the next', async (_how, questions) => {
    const reader = patient(questions);
    const world = guarded({ readers: [reader] });
    const [asked] = world.deps.readers;
    for (let nth = 0; nth < 201; nth += 1) await asked?.read(REQUEST);
    expect(await asked?.read(REQUEST)).toMatchObject([
      { why: 'throttled', nextStep: expect.stringContaining('as often as it may be in a minute') },
    ]);
    expect(reader.asked).toBe(200);
    await moveOn(world.clock, 60_000);
    await asked?.read(REQUEST);
    expect(reader.asked).toBe(200 + questions);
  });

  test('lets an incident spend what is its own, and no more', async () => {
    const reader = patient(6);
    const [asked] = guarded({ readers: [reader] }).deps.readers;
    let left = 2;
    await asked?.read({
      ...REQUEST,
      spend: () => {
        left -= 1;
        return left >= 0;
      },
    });
    expect(reader.asked).toBe(3);
  });
});

test('what a breaker does is measured, each change once, under the name of what it stands before', async () => {
  const noted: Measurement[] = [];
  let isDown = true;
  const records = faulty(createMemoryRecords(), () => (isDown ? dead() : undefined));
  const world = createWorld([]);
  const deps = protect({ ...world.deps, records }, { note: (measurement) => noted.push(measurement) });
  for (let call = 0; call < 20; call += 1) await deps.records.get(key).catch(() => undefined);
  isDown = false;
  await moveOn(world.clock, 1_000);
  await deps.records.get(key);
  await deps.records.get(key);
  const state = { kind: 'level', name: 'headroom.breaker.state', attributes: { dependency: 'records' } };
  expect(noted).toEqual([2, 1, 0].map((value) => ({ ...state, value })));
});

payloadStoreContract('memory behind a breaker', async () => {
  const { deps, clock } = createWorld([]);
  const { payloads } = protect(deps);
  const now = (): string => new Date(clock.now()).toISOString();
  return { payloads, now, advance: async (ms) => clock.advance(ms), close: async () => undefined };
});

queueContract(
  'memory behind a breaker',
  async () => {
    const { deps, clock } = createWorld([]);
    const queue = createMemoryQueue({ clock, maxAttempts: 3 });
    const advance = async (ms: number): Promise<void> => clock.advance(ms);
    return { queue: protect({ ...deps, queue }).queue, maxAttempts: 3, advance, close: async () => undefined };
  },
  { ordered: true, modelRuns: 20 },
);
