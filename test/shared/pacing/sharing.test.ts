import { describe, expect, test } from 'vitest';
import { fullJitterMs } from '../../../shared/pacing/backoff.ts';
import { createBulkhead } from '../../../shared/pacing/bulkhead.ts';
import { createSingleFlight } from '../../../shared/pacing/single-flight.ts';
import { createTtlCache } from '../../../shared/pacing/ttl-cache.ts';

function gate<T>() {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  return { promise, resolve, reject };
}

describe('single flight', () => {
  test('all who ask while it runs share one call and its outcome', async () => {
    const flight = createSingleFlight<number>();
    const hold = gate<number>();
    let calls = 0;
    const work = () => {
      calls++;
      return hold.promise;
    };
    const asked = [flight.run('a', work), flight.run('a', work), flight.run('b', work)];
    expect(flight.has('a')).toBe(true);
    hold.resolve(7);
    expect(await Promise.all(asked)).toEqual([7, 7, 7]);
    expect(calls).toBe(2);
    expect(flight.size).toBe(0);
  });

  test('a rejection reaches all who waited and is not remembered', async () => {
    const flight = createSingleFlight<number>();
    const hold = gate<number>();
    const asked = [flight.run('a', () => hold.promise), flight.run('a', () => hold.promise)];
    hold.reject(new Error('down'));
    const settled = await Promise.allSettled(asked);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flight.run('a', async () => 3)).toBe(3);
  });

  test('work that throws before it awaits rejects like any other', async () => {
    const flight = createSingleFlight<number>();
    await expect(
      flight.run('a', () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(flight.has('a')).toBe(false);
  });
});

describe('TTL cache', () => {
  test.each([
    [99, 'fresh'],
    [100, 'stale'],
    [199, 'stale'],
    [200, undefined],
  ])('at %i ms an entry fresh until 100 and stale until 200 is %s', (now, expected) => {
    const cache = createTtlCache<string>();
    cache.set('a', { value: 'v', freshUntil: 100, staleUntil: 200 });
    expect(cache.get('a', now)?.state).toBe(expected);
    expect(cache.size).toBe(expected === undefined ? 0 : 1);
  });

  test('the least recently used entry makes room', () => {
    const cache = createTtlCache<number>(2);
    const entry = { freshUntil: 10, staleUntil: 10 };
    cache.set('a', { value: 1, ...entry });
    cache.set('b', { value: 2, ...entry });
    cache.get('a', 0);
    cache.set('c', { value: 3, ...entry });
    expect([...cache.keys()]).toEqual(['a', 'c']);
  });

  test('needs room for one entry', () => {
    expect(() => createTtlCache(0)).toThrow(RangeError);
  });
});

describe('bulkhead', () => {
  test('runs at most so many, queues at most so many, first come first served', async () => {
    const bulkhead = createBulkhead({ maxActive: 1, maxQueued: 1 });
    const first = gate<string>();
    const order: string[] = [];
    const a = bulkhead.run(async () => {
      order.push('a');
      return first.promise;
    });
    const b = bulkhead.run(async () => {
      order.push('b');
      return 'b';
    });
    expect(bulkhead.run(async () => 'c')).toBeNull();
    expect([bulkhead.active, bulkhead.queued]).toEqual([1, 1]);
    first.resolve('a');
    expect(await Promise.all([a, b])).toEqual(['a', 'b']);
    expect(order).toEqual(['a', 'b']);
    expect([bulkhead.active, bulkhead.queued]).toEqual([0, 0]);
  });

  test('a failure gives its place back', async () => {
    const bulkhead = createBulkhead({ maxActive: 1, maxQueued: 0 });
    await expect(bulkhead.run(async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await bulkhead.run(async () => 1)).toBe(1);
  });

  test.each([
    { maxActive: 0, maxQueued: 1 },
    { maxActive: 1, maxQueued: -1 },
  ])('refuses %j at construction', (bad) => {
    expect(() => createBulkhead(bad)).toThrow(RangeError);
  });
});

describe('backoff', () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
    [5, 16_000],
    [1_000, 16_000],
  ])('attempt %i waits up to %i ms', (attempt, maxMs) => {
    expect(fullJitterMs(attempt, () => 1)).toBe(maxMs);
    expect(fullJitterMs(attempt, () => 0)).toBe(0);
  });
});
