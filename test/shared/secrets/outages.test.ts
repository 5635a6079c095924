import { afterEach, describe, expect, test } from 'vitest';
import { createSecrets } from '../../../shared/secrets/index.ts';
import { VAULT_PROBE_MS } from '../../../shared/secrets/vault-lane.ts';
import type { Outage } from '../../../simulation/servers/http-server.ts';
import { type Estate, STORE, startEstate, VAULT } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const estates: Estate[] = [];
async function estate(over: Parameters<typeof startEstate>[0] = {}): Promise<Estate> {
  const made = await startEstate(over);
  estates.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(estates.splice(0).map((one) => one.close()));
});

const DOWN: [string, Outage][] = [
  ['answers 503', { status: 503 }],
  ['answers 500 with a long Retry-After', { status: 500, headers: { 'retry-after': '3600' } }],
  ['cuts connections', 'cut'],
];

/** Reads once a minute for so long; what came back, or the kind of error. */
async function readFor(world: Estate, read: () => Promise<string>, ms: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let played = 0; played < ms; played += MINUTE) {
    await world.play(MINUTE);
    seen.add(await world.during(read().catch((error: unknown) => String(Reflect.get(Object(error), 'kind')))));
  }
  return seen;
}

describe('the vault is down for an hour', () => {
  test.each(DOWN)(
    'it %s: cached secrets are served, others refused at once, calls are few, recovery takes a probe interval',
    async (_how, outage) => {
      const world = await estate();
      const client = await world.open({ ttlMs: 10 * MINUTE });
      await world.during(client.get('Database'));
      world.setOutage(['vault'], outage);
      const before = world.vault.requests();
      const both = await readFor(
        world,
        async () => `${await client.get('Database')} ${await client.get('Api').catch((error) => error.kind)}`,
        HOUR,
      );
      expect(both).toEqual(new Set(['db-value unavailable']));
      // 4 tries of the first reader until the breaker opens at 5, then a probe every 30 to 60 s at most.
      expect(world.vault.requests() - before).toBeLessThanOrEqual(130);
      expect(client.stats().vaults[VAULT]?.breaker).not.toBe('closed');
      expect(client.stats().stale).toBeGreaterThan(40);
      expect(world.events.some(({ type }) => type === 'stale-served')).toBe(true);
      expect(world.events.some((event) => event.type === 'breaker' && event.state === 'open')).toBe(true);

      world.setOutage(['vault'], 'none');
      world.secrets.set('db', { value: 'after' });
      await world.play(VAULT_PROBE_MS + 1_000);
      expect(client.stats().vaults[VAULT]?.breaker).toBe('closed');
      expect(await client.get('Database')).toBe('after');
      expect(await world.during(client.get('Api'))).toBe('api-value');
    },
  );

  test('a value is not served beyond staleIfErrorMs', async () => {
    const world = await estate();
    const client = await world.open({ ttlMs: 10 * MINUTE, staleIfErrorMs: 30 * MINUTE });
    await world.during(client.get('Database'));
    world.setOutage(['vault'], { status: 503 });
    expect(await readFor(world, () => client.get('Database'), 29 * MINUTE)).toEqual(new Set(['db-value']));
    await world.play(2 * MINUTE);
    await expect(world.during(client.get('Database'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(client.stats().cached).toBe(0);
  });

  test('it never answers: a first read ends, and the next are refused at once', async () => {
    const world = await estate();
    const client = await world.open();
    world.setOutage(['vault'], 'hang');
    await expect(world.during(client.get('Database'))).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(world.during(client.get('Api'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(world.vault.requests()).toBeLessThanOrEqual(8);
  });

  test('down at start: key-values load, a required reference makes createSecrets reject, a retry is served later', async () => {
    const world = await estate();
    world.setOutage(['vault'], { status: 503 });
    const client = await world.open();
    expect(await client.get('App:Name')).toBe('demo');
    await expect(world.during(createSecrets(world.options({ required: ['Database'] })))).rejects.toMatchObject({
      kind: 'unavailable',
      key: 'Database',
    });
    world.setOutage(['vault'], 'none');
    await world.play(2 * MINUTE);
    expect(await world.during(client.get('Database'))).toBe('db-value');
  });
});

describe('a herd of first readers meets a vault that is down', () => {
  test('they make a handful of calls, not one each', async () => {
    const world = await estate();
    const client = await world.open();
    world.setOutage(['vault'], { status: 503 });
    const names = Array.from({ length: 200 }, (_, i) => `s${i}`);
    const results = await world.during(Promise.allSettled(names.map((name) => client.getSecret(VAULT, name))));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(world.vault.requests()).toBeLessThanOrEqual(10);
  });
});

describe('App Configuration is down', () => {
  test('later: everything known is served for as long as it lasts, and changes are followed afterwards', async () => {
    const world = await estate();
    const client = await world.open();
    await world.during(client.preload());
    world.setOutage(['store'], { status: 503 });
    const before = world.store.requests();
    const seen = await readFor(
      world,
      async () => `${await client.get('App:Name')} ${await client.get('Database')}`,
      HOUR,
    );
    expect(seen).toEqual(new Set(['demo db-value']));
    expect(world.store.requests() - before).toBeLessThanOrEqual(120);
    expect(client.stats().stale).toBe(0);
    world.setOutage(['store'], 'none');
    world.keyValues.push({ key: 'New', value: 'new' });
    await world.play(MINUTE);
    expect(await client.get('New')).toBe('new');
  });

  test('at start: required keys reject within seconds; without them keys are unavailable until it is back', async () => {
    const world = await estate();
    world.setOutage(['store'], 'cut');
    const startedAt = world.clock.now();
    await expect(world.during(createSecrets(world.options({ required: ['Database'] })))).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(20_000);
    const client = await world.open();
    await expect(client.get('Database')).rejects.toMatchObject({ kind: 'unavailable', key: 'Database' });
    expect(await world.during(client.getSecret(VAULT, 'db'))).toBe('db-value');
    world.setOutage(['store'], 'none');
    await world.play(MINUTE);
    expect(await world.during(client.get('Database'))).toBe('db-value');
  });

  test('its quota is used up: the interval doubles with each 429 up to half an hour, and known keys are served', async () => {
    const world = await estate();
    const client = await world.open();
    world.setOutage(['store'], { status: 429, headers: { 'retry-after-ms': '10000' } });
    const before = world.store.requests();
    expect(await readFor(world, () => client.get('App:Name'), 4 * HOUR)).toEqual(new Set(['demo']));
    // 30 s, then 1, 2, 4, 8, 16 min, then one each 30 to 36 min.
    expect(world.store.requests() - before).toBeLessThanOrEqual(14);
    expect(world.store.requests() - before).toBeGreaterThanOrEqual(10);
  });
});

describe('the token endpoint is down', () => {
  test('at start: plain values by access key are served; a read fails within its time and works once it is back', async () => {
    const world = await estate({ store: { accessKey: { id: 'id', secretBase64: 'c2VjcmV0' } } });
    world.setOutage(['token'], 'hang');
    const { endpoints: _, ...options } = world.options();
    const connectionString = `Endpoint=${STORE};Id=id;Secret=c2VjcmV0`;
    const client = await world.during(createSecrets({ ...options, connectionString }));
    expect(await client.get('App:Name')).toBe('demo');
    const startedAt = world.clock.now();
    await expect(world.during(client.get('Database'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(61_000);
    expect(world.vault.requests()).toBe(0);
    world.setOutage(['token'], 'none');
    await world.play(2 * MINUTE);
    expect(await world.during(client.get('Database'))).toBe('db-value');
    await client.close();
  });

  test('a token that is still valid is used while the endpoint is down', async () => {
    const world = await estate({ tokenLifetimeSeconds: 3_600 });
    const client = await world.open();
    await world.during(client.get('Database'));
    await world.play(56 * MINUTE);
    world.setOutage(['token'], { status: 500 });
    expect(await world.during(client.get('Api'))).toBe('api-value');
  });
});
