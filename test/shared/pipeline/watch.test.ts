import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../shared/errors.ts';
import { watchKey } from '../../../shared/pipeline/keys.ts';
import { type WatchDeps, watch } from '../../../shared/pipeline/watch.ts';
import { runJob, type WatchJob } from '../../../shared/pipeline/watch-job.ts';
import type { Records } from '../../../shared/ports.ts';
import { createWorld, moveOn, settle, type World } from './kit.ts';

const MINUTE_MS = 60_000;

function eventsOf(world: World): string[] {
  return world.log.events.map(({ event }) => event);
}

/** Records whose reads of some partitions or ids fail. */
function failing(records: Records, fails: (id: string, partition: string) => boolean): Records {
  const refuse = (): never => {
    throw new HeadroomError('denied', 'not these', { nextStep: 'assign the role' });
  };
  return {
    ...records,
    get: async (key) => (fails(key.id, key.partition) ? refuse() : records.get(key)),
    list: async (partition, options) => (fails('', partition) ? refuse() : records.list(partition, options)),
  };
}

describe('watch', () => {
  test('does what is left when one job fails, and says which failed', async () => {
    const world = createWorld([]);
    const deps = { ...world.deps, records: failing(world.records, (_id, partition) => partition === 'open') };
    expect(await watch(deps)).toMatchObject({ inboxRequeued: 0, inboxExpired: 0, failed: ['sweep-incidents'] });
    expect(world.log.events).toContainEqual({
      level: 'error',
      event: 'watch-job-failed',
      fields: { job: 'sweep-incidents', kind: 'denied', error: 'not these', nextStep: 'assign the role', cause: null },
    });
  });

  test('beats while all is well, and withholds its heartbeat with the reason while a job fails', async () => {
    const world = createWorld([]);
    await watch(world.deps);
    expect(eventsOf(world)).toEqual(['heartbeat']);
    await moveOn(world.clock, MINUTE_MS);
    await watch({ ...world.deps, records: failing(world.records, (_id, partition) => partition === 'open') });
    expect(world.log.events.at(-1)).toMatchObject({
      event: 'heartbeat-withheld',
      fields: { failed: 'sweep-incidents', canary: 'unexpected' },
    });
  });

  test('does not throw when no store answers, and beats no more', async () => {
    const world = createWorld([]);
    const { failed } = await watch({ ...world.deps, records: failing(world.records, () => true) });
    expect(failed).toContain('sweep-inbox');
    expect(eventsOf(world)).not.toContain('heartbeat');
  });
});

type Counted = WatchJob<WatchDeps> & { runs: number };

function job(given: Partial<WatchJob<WatchDeps>> = {}): Counted {
  const made: Counted = {
    name: 'a-job',
    everyMs: 5 * MINUTE_MS,
    limitMs: 20_000,
    runs: 0,
    run: async (deps, signal) => {
      made.runs += 1;
      return (await given.run?.(deps, signal)) ?? { done: 1 };
    },
  };
  return Object.assign(made, { ...given, run: made.run });
}

describe('a job', () => {
  test('runs when it is due, though the call comes a little early', async () => {
    const world = createWorld([]);
    const every = job();
    const ran: number[] = [];
    for (let minute = 0; minute <= 11; minute += 1) {
      const ended = await runJob(world.deps, every, MINUTE_MS);
      if (ended.state === 'done') ran.push(minute);
      await moveOn(world.clock, MINUTE_MS - 40);
    }
    expect(ran).toEqual([0, 5, 10]);
  });

  test('runs on one instance at a time', async () => {
    const world = createWorld([]);
    const gate = Promise.withResolvers<void>();
    const slow = job({ everyMs: 0, run: () => gate.promise.then(() => ({})) });
    const first = runJob(world.deps, slow, MINUTE_MS);
    await settle();
    expect(await runJob({ ...world.deps, worker: 'another' }, slow, MINUTE_MS)).toEqual({ state: 'skipped' });
    gate.resolve();
    expect(await first).toMatchObject({ state: 'done' });
    expect(slow.runs).toBe(1);
  });

  test('runs once when many instances ask in the same moment', async () => {
    const world = createWorld([]);
    const shared = job();
    const ended = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => runJob({ ...world.deps, worker: `worker-${n}` }, shared, MINUTE_MS)),
    );
    expect(ended.filter(({ state }) => state === 'done')).toHaveLength(1);
    expect(shared.runs).toBe(1);
  });

  test('of a process that died is taken over once its claim has run out', async () => {
    const world = createWorld([]);
    const stuck = job({ everyMs: 0, run: () => new Promise(() => undefined) });
    const clock = { ...world.clock, sleep: () => new Promise<never>(() => undefined) };
    void runJob({ ...world.deps, clock }, stuck, MINUTE_MS);
    await settle();
    await moveOn(world.clock, 19_999);
    expect(await runJob(world.deps, job({ everyMs: 0 }), MINUTE_MS)).toEqual({ state: 'skipped' });
    await moveOn(world.clock, 1);
    expect(await runJob(world.deps, job({ everyMs: 0 }), MINUTE_MS)).toMatchObject({ state: 'done' });
  });

  test.each([
    ['its own limit', MINUTE_MS, 20_000],
    ['what is left of the call', 3_000, 3_000],
  ])('is ended after %s, and told so', async (_what, leftMs, endsAfterMs) => {
    const world = createWorld([]);
    let told: AbortSignal | undefined;
    const endless = job({
      run: (_deps, signal) => {
        told = signal;
        return new Promise(() => undefined);
      },
    });
    const ended = runJob(world.deps, endless, leftMs);
    await settle();
    await moveOn(world.clock, endsAfterMs - 1);
    expect(told?.aborted).toBe(false);
    await moveOn(world.clock, 1);
    expect(await ended).toMatchObject({ state: 'failed' });
    expect(told?.aborted).toBe(true);
  });

  test.each([
    ['a minute later', undefined, 1],
    ['when what refused it has asked for', 10 * MINUTE_MS, 10],
  ])('that failed is tried again %s', async (_when, retryAfterMs, minutes) => {
    const world = createWorld([]);
    const refused = job({
      run: async () => {
        throw new HeadroomError('throttled', 'too many', retryAfterMs === undefined ? {} : { retryAfterMs });
      },
    });
    await runJob(world.deps, refused, MINUTE_MS);
    let waited = 0;
    while (refused.runs === 1) {
      await moveOn(world.clock, MINUTE_MS);
      await runJob(world.deps, refused, MINUTE_MS);
      waited += 1;
    }
    expect(waited).toBe(minutes);
  });

  test('of a newer version is left to it', async () => {
    const world = createWorld([]);
    await world.records.put(watchKey('job-a-job'), { v: 2 }, 'absent');
    const mine = job();
    expect(await runJob(world.deps, mine, MINUTE_MS)).toMatchObject({ state: 'failed' });
    expect(mine.runs).toBe(0);
  });
});
