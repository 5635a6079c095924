import { afterEach, describe, expect, test } from 'vitest';
import { type Estate, LEVERS, REFERENCE_TYPE, reference, startEstate, VAULT } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let world: Estate;
afterEach(() => world.close());

const served = (name = 'db'): number => world.vault.counts().reads.get(name) ?? 0;

describe('one vault call a secret a TTL', () => {
  test('a million reads from 64 callers over a day at a TTL of an hour: the first call and 24 more, and all but one are hits', async () => {
    world = await startEstate();
    const client = await world.open({ refreshIntervalMs: DAY });
    const each = Math.ceil(1_000_000 / 64 / (24 * 60));
    const reader = async (): Promise<void> => {
      for (let i = 0; i < each; i++) await client.get('Database');
    };
    const readers = (): Promise<unknown> => Promise.all(Array.from({ length: 64 }, reader));
    await world.during(readers());
    const { misses, coalesced, hits } = client.stats();
    expect({ misses, coalesced }).toEqual({ misses: 1, coalesced: 63 });
    for (let minute = 1; minute < 24 * 60; minute++) {
      await world.play(MINUTE);
      await readers();
    }
    expect(served()).toBe(25);
    expect(client.stats()).toMatchObject({ misses: 1, stale: 0, hits: hits + (24 * 60 - 1) * 64 * each });
  });

  test.each([MINUTE, 10 * MINUTE, HOUR, DAY])(
    'over a month at a TTL of %i ms the calls are the TTLs that pass, and one',
    async (ttlMs) => {
      world = await startEstate();
      const client = await world.open({ endpoints: [], ttlMs });
      await world.during(client.getSecret(VAULT, 'db'));
      await world.play(30 * ttlMs);
      expect(served()).toBe(31);
      expect(await client.getSecret(VAULT, 'db')).toBe('db-value');
      expect(client.stats()).toMatchObject({ misses: 1, stale: 0 });
    },
  );

  test('what was loaded together is refreshed spread over half of the TTL, and stays so', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
    const secrets = new Map(names.map((name) => [name, { value: name }]));
    world = await startEstate({ vault: { secrets } });
    const client = await world.open({ endpoints: [], fleetSize: 1 });
    await world.during(Promise.all(names.map((name) => client.getSecret(VAULT, name))));
    const counts: number[] = [];
    let before = world.vault.counts().served;
    for (let minute = 0; minute < 3 * 60; minute++) {
      await world.play(MINUTE);
      counts.push(world.vault.counts().served - before);
      before = world.vault.counts().served;
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(300);
    expect(Math.max(...counts)).toBeLessThanOrEqual(12);
  });

  test('after an outage those that failed together are spread again', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `s${i}`);
    const secrets = new Map(names.map((name) => [name, { value: name }]));
    world = await startEstate({ vault: { secrets } });
    const client = await world.open({ endpoints: [], fleetSize: 1 });
    await world.during(Promise.all(names.map((name) => client.getSecret(VAULT, name))));
    world.setOutage(['vault'], { status: 503 });
    await world.play(3 * HOUR);
    world.setOutage(['vault'], 'none');
    await world.play(5 * MINUTE); // all are read again within minutes
    const before = world.vault.counts().served;
    await world.play(20 * MINUTE);
    expect(world.vault.counts().served).toBe(before);
    const counts: number[] = [];
    for (let played = 0; played < HOUR; played += MINUTE) {
      const start = world.vault.counts().served;
      await world.play(MINUTE);
      counts.push(world.vault.counts().served - start);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(8);
  });

  test('a lever that stretches the TTL and ends leaves one call a TTL behind', async () => {
    world = await startEstate();
    const until = new Date(world.clock.now() + 2 * HOUR).toISOString();
    world.leverValues.push({
      key: 'headroom:shop:secrets:ttlSeconds',
      value: JSON.stringify({ value: 86_400, until }),
    });
    const client = await world.open({ endpoints: [], app: 'shop', leversEndpoint: LEVERS, ttlMs: 10 * MINUTE });
    await world.during(client.getSecret(VAULT, 'db'));
    await world.play(2 * HOUR);
    const before = served();
    expect(before).toBe(1);
    await world.play(20 * MINUTE);
    const settled = served();
    await world.play(100 * MINUTE);
    expect(served() - settled).toBe(10);
  });
});

describe('a process that was frozen', () => {
  test('serves the old value while it is read anew, with one call', async () => {
    world = await startEstate();
    const client = await world.open({ endpoints: [] });
    await world.during(client.getSecret(VAULT, 'db'));
    world.secrets.set('db', { value: 'after' });
    world.clock.moveTo(world.clock.now() + 3 * HOUR);
    const reads = Promise.all(Array.from({ length: 64 }, () => client.getSecret(VAULT, 'db')));
    expect(new Set(await world.during(reads))).toEqual(new Set(['db-value']));
    await world.play(1_000);
    expect(await client.getSecret(VAULT, 'db')).toBe('after');
    expect(served()).toBe(2);
  });
});

describe('after close', () => {
  test('what is in memory is still good for its time, and no longer than that', async () => {
    world = await startEstate();
    const client = await world.open({ ttlMs: 10 * MINUTE, staleIfErrorMs: 20 * MINUTE });
    await world.during(client.get('Database'));
    await client.close();
    expect(await client.get('Database')).toBe('db-value');
    world.clock.moveTo(world.clock.now() + 21 * MINUTE);
    await expect(client.get('Database')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(served()).toBe(1);
  });
});

describe('what nobody refers to any more', () => {
  test('is not read again, unless somebody named it', async () => {
    const keyValues = [
      { key: 'A', value: reference('db'), contentType: REFERENCE_TYPE },
      { key: 'B', value: reference('api'), contentType: REFERENCE_TYPE },
    ];
    world = await startEstate({ keyValues });
    const client = await world.open({ ttlMs: 10 * MINUTE });
    await world.during(client.preload());
    expect(await client.getSecret(VAULT, 'api')).toBe('api-value');
    expect(client.stats().cached).toBe(2);
    keyValues.splice(0, 2, { key: 'C', value: 'plain', contentType: 'text/plain' });
    await world.play(MINUTE);
    expect(client.stats().cached).toBe(1);
    await world.play(HOUR);
    expect([served('db'), served('api')]).toEqual([1, 7]);
  });
});
