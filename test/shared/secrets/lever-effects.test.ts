import { afterEach, describe, expect, test } from 'vitest';
import { type Estate, LEVERS, REFERENCE_TYPE, reference, startEstate, VAULT } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
let world: Estate;
afterEach(() => world.close());

function pull(name: string, lever: Record<string, unknown>): void {
  const key = `headroom:shop:secrets:${name}`;
  const index = world.leverValues.findIndex((kv) => kv.key === key);
  const value = JSON.stringify({ by: 'someone', incident: 'abcd1234', ...lever });
  world.leverValues.splice(index === -1 ? world.leverValues.length : index, index === -1 ? 0 : 1, { key, value });
}

const inHours = (hours: number): string => new Date(world.clock.now() + hours * HOUR).toISOString();
const open = (more = {}) => world.open({ app: 'shop', leversEndpoint: LEVERS, ...more });

describe('levers', () => {
  test('a longer TTL stops refreshes until it ends, without a restart', async () => {
    world = await startEstate();
    const client = await open({ ttlMs: 10 * MINUTE });
    await world.during(client.get('Database'));
    pull('ttlSeconds', { value: 86_400 * 7, until: inHours(2) });
    await world.play(2 * HOUR - MINUTE);
    const served = world.vault.counts().served;
    expect(served).toBeLessThanOrEqual(2);
    expect(client.stats().stale).toBe(0);
    await world.play(20 * MINUTE);
    expect(world.vault.counts().served).toBeGreaterThan(served);
    const told = world.events.flatMap((event) => (event.type === 'lever' ? [`${event.lever} ${event.state}`] : []));
    expect(told).toEqual(['ttlSeconds applied', 'ttlSeconds ended']);
  });

  test('paused stops background refresh, never a first read', async () => {
    world = await startEstate();
    pull('paused', { value: true, until: inHours(3) });
    const client = await open({ ttlMs: 10 * MINUTE });
    expect(await world.during(client.get('Database'))).toBe('db-value');
    await world.play(HOUR);
    expect(world.vault.counts().served).toBe(1);
    expect(await client.get('Database')).toBe('db-value');
    expect(await world.during(client.get('Api'))).toBe('api-value');
    await world.play(4 * HOUR);
    expect(world.vault.counts().served).toBeGreaterThan(10);
  });

  test('the fleet rate is shared by the fleet size that the lever carries', async () => {
    const keyValues = Array.from({ length: 10 }, (_, i) => ({
      key: `K${i}`,
      value: reference(`s${i}`),
      contentType: REFERENCE_TYPE,
    }));
    const secrets = new Map(keyValues.map((_, i) => [`s${i}`, { value: `v${i}` }]));
    world = await startEstate({ keyValues, vault: { secrets } });
    pull('maxRequestsPerSecond', { value: 50, fleetSize: 500, until: inHours(4) });
    const client = await open();
    const startedAt = world.clock.now();
    expect((await world.during(client.preload())).failed).toEqual([]);
    expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(90_000);
    expect(client.stats().vaults[VAULT]?.ratePerSecond).toBeCloseTo(0.1);
  });

  test('the lever store is down: the last lever holds until its end, and no longer', async () => {
    world = await startEstate();
    pull('paused', { value: true, until: inHours(1) });
    const client = await open({ ttlMs: 10 * MINUTE });
    await world.during(client.get('Database'));
    world.setOutage(['levers'], { status: 503 });
    await world.play(59 * MINUTE);
    expect(world.vault.counts().served).toBe(1);
    await world.play(5 * MINUTE);
    expect(world.vault.counts().served).toBeGreaterThan(1);
  });

  test('a lever store that is down at start delays nothing by more than its time', async () => {
    world = await startEstate();
    world.setOutage(['levers'], 'hang');
    const startedAt = world.clock.now();
    const client = await open();
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(5_000);
    expect(await world.during(client.get('App:Name'))).toBe('demo');
  });
});
