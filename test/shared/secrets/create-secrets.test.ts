import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createSecrets, isSecretsError } from '../../../shared/secrets/index.ts';
import { type Estate, REFERENCE_TYPE, REPLICA, reference, STORE, startEstate, VAULT } from './kit.ts';

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

describe('reading', () => {
  test('plain values and references are one call to get; the second read is a memory read', async () => {
    const world = await estate();
    const client = await world.open();
    expect(await client.get('App:Name')).toBe('demo');
    expect(await world.during(client.get('Database'))).toBe('db-value');
    expect(await client.get('Database')).toBe('db-value');
    expect(world.vault.counts()).toMatchObject({ served: 1, challenges: 1 });
    expect(client.stats()).toMatchObject({ hits: 2, misses: 1, failures: 0, cached: 1, inFlight: 0 });
  });

  test('keys tells plain values from references, broken ones too, without reading any', async () => {
    const keyValues = [
      { key: 'App:Name', value: 'demo' },
      { key: 'Database', value: reference('db'), contentType: REFERENCE_TYPE },
      { key: 'Broken', value: 'nonsense', contentType: REFERENCE_TYPE },
    ];
    const world = await estate({ keyValues });
    const client = await world.open();
    expect([...(client.keys() ?? [])].sort()).toEqual([
      ['App:Name', 'plain'],
      ['Broken', 'reference'],
      ['Database', 'reference'],
    ]);
    expect(world.vault.counts().served).toBe(0);
  });

  test('keys is null as long as App Configuration was never reached', async () => {
    const world = await estate();
    world.store.setOutage('cut');
    const client = await world.during(world.open());
    expect(client.keys()).toBeNull();
  });

  test('concurrent readers of one secret cause one vault call', async () => {
    const world = await estate();
    const client = await world.open();
    const values = await world.during(Promise.all(Array.from({ length: 64 }, () => client.get('Database'))));
    expect(new Set(values)).toEqual(new Set(['db-value']));
    expect(world.vault.counts().served).toBe(1);
    expect(client.stats().coalesced).toBe(63);
  });

  test('twenty first reads at once draw one challenge', async () => {
    const keyValues = Array.from({ length: 20 }, (_, i) => ({
      key: `K${i}`,
      value: reference(`s${i}`),
      contentType: REFERENCE_TYPE,
    }));
    const secrets = new Map(keyValues.map((_, i) => [`s${i}`, { value: `v${i}` }]));
    const world = await estate({ keyValues, vault: { secrets } });
    const client = await world.open({ fleetSize: 1 });
    expect(await world.during(client.preload())).toEqual({ ready: 20, failed: [] });
    expect(world.vault.counts()).toMatchObject({ served: 20, challenges: 1 });
    expect(world.tokenCalls()).toBeLessThanOrEqual(3);
  });

  test('a secret is read straight from a vault, with a version too, without App Configuration', async () => {
    const world = await estate();
    const client = await world.open({ endpoints: [] });
    expect(await world.during(client.getSecret(VAULT, 'db'))).toBe('db-value');
    expect(await world.during(client.getSecret(`${VAULT}/`, 'db', '0'.repeat(32)))).toBe('db-value');
    expect(world.store.requests()).toBe(0);
  });

  test.each([
    ['http://kv-one.vault.azure.net', 'db'],
    ['not an address', 'db'],
    [VAULT, '../keys/x'],
  ])('getSecret(%s, %s) is a bad reference', async (url, name) => {
    const world = await estate();
    const client = await world.open();
    await expect(client.getSecret(url, name)).rejects.toMatchObject({ kind: 'bad-reference' });
    expect(world.vault.requests()).toBe(0);
  });

  test('later selectors win; keys of no selector are not found', async () => {
    const keyValues = [
      { key: 'A', value: 'plain' },
      { key: 'A', label: 'prod', value: 'prod' },
      { key: 'B', label: 'prod', value: 'b' },
    ];
    const world = await estate({ keyValues });
    const client = await world.open({ selectors: [{ keyFilter: '*' }, { keyFilter: '*', labelFilter: 'prod' }] });
    expect([await client.get('A'), await client.get('B')]).toEqual(['prod', 'b']);
    await expect(client.get('C')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('one bad reference fails its own key', () => {
  const keyValues = [
    {
      key: 'Good',
      value: reference('db'),
      contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json; charset=utf-8',
    },
    { key: 'NoJson', label: 'prod', value: 'hunter2-not-json', contentType: REFERENCE_TYPE },
    { key: 'NoUri', value: '{"x":"hunter2"}', contentType: REFERENCE_TYPE },
    { key: 'Http', value: '{"uri":"http://kv-one.vault.azure.net/secrets/db"}', contentType: REFERENCE_TYPE },
    { key: 'Path', value: '{"uri":"https://kv-one.vault.azure.net/keys/db"}', contentType: REFERENCE_TYPE },
    { key: 'Gone', value: reference('gone'), contentType: REFERENCE_TYPE },
    { key: 'Hidden', value: reference('hidden'), contentType: REFERENCE_TYPE },
    {
      key: '.appconfig.featureflag/F',
      value: '{}',
      contentType: 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
    },
    {
      key: 'Snap',
      value: '{}',
      contentType: 'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8',
    },
  ];
  const vault = {
    secrets: new Map([
      ['db', { value: 'db-value' }],
      ['hidden', { value: 'hunter2' }],
    ]),
    forbidden: new Set(['hidden']),
  };
  const open = async () => {
    const world = await estate({ keyValues, vault });
    return { world, client: await world.open({ selectors: [{ keyFilter: '*', labelFilter: '*' }] }) };
  };

  test('a stray space in the content type is no obstacle', async () => {
    const { world, client } = await open();
    expect(await world.during(client.get('Good'))).toBe('db-value');
  });

  test.each([
    ['NoJson', 'bad-reference', undefined],
    ['NoUri', 'bad-reference', undefined],
    ['Http', 'bad-reference', 'http://kv-one.vault.azure.net/secrets/db'],
    ['Path', 'bad-reference', 'https://kv-one.vault.azure.net/keys/db'],
    ['Gone', 'not-found', `${VAULT}/secrets/gone`],
    ['Hidden', 'forbidden', `${VAULT}/secrets/hidden`],
    ['.appconfig.featureflag/F', 'not-found', undefined],
    ['Snap', 'not-found', undefined],
  ])('%s is %s and says which key and secret, never the value', async (key, kind, secretId) => {
    const { world, client } = await open();
    const error: unknown = await world.during(client.get(key)).catch((reason: unknown) => reason);
    expect(isSecretsError(error) && { kind: error.kind, key: error.key, secretId: error.secretId }).toEqual({
      kind,
      key,
      secretId,
    });
    expect(String(error)).toContain(key);
    if (key === 'NoJson') expect(String(error)).toContain("label 'prod'");
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('Bearer ');
  });

  test('a definite no is remembered shortly, then asked again', async () => {
    const { world, client } = await open();
    await expect(world.during(client.get('Gone'))).rejects.toMatchObject({ kind: 'not-found' });
    await expect(client.get('Gone')).rejects.toMatchObject({ kind: 'not-found' });
    expect(world.vault.counts().reads.get('gone')).toBe(1);
    vault.secrets.set('gone', { value: 'here' });
    await world.play(31_000);
    expect(await world.during(client.get('Gone'))).toBe('here');
    vault.secrets.delete('gone');
  });

  test('required keys that fail make createSecrets reject, others do not', async () => {
    const { world, client } = await open();
    expect((await world.during(client.preload())).failed.map(({ kind }) => kind).sort()).toEqual([
      'bad-reference',
      'bad-reference',
      'bad-reference',
      'bad-reference',
      'forbidden',
      'not-found',
    ]);
    const selectors = [{ keyFilter: '*', labelFilter: '*' }];
    await expect(world.during(createSecrets(world.options({ selectors, required: ['Gone'] })))).rejects.toMatchObject({
      kind: 'not-found',
      key: 'Gone',
    });
    await expect(world.during(createSecrets(world.options({ selectors, required: ['Absent'] })))).rejects.toMatchObject(
      { kind: 'not-found' },
    );
  });
});

describe('refresh', () => {
  test('happens ahead of expiry and off the caller: every read is a hit while the value changes', async () => {
    const world = await estate();
    const client = await world.open();
    await world.during(client.get('Database'));
    world.secrets.set('db', { value: 'rotated' });
    for (let minute = 0; minute < 60; minute++) {
      await world.play(60_000);
      await client.get('Database');
    }
    expect(await client.get('Database')).toBe('rotated');
    expect(client.stats()).toMatchObject({ misses: 1, stale: 0 });
    expect(world.vault.counts().served).toBe(2);
  });

  test('an unchanged store costs one conditional request an interval', async () => {
    const world = await estate();
    await world.open();
    const before = world.store.counts().lists;
    await world.play(HOUR);
    const { lists, notModified } = world.store.counts();
    expect(lists - before).toBe(notModified);
    expect(lists - before).toBeGreaterThanOrEqual(98);
    expect(lists - before).toBeLessThanOrEqual(120);
  });

  test('a changed store is followed: new keys, removed keys, a reference that points elsewhere', async () => {
    const world = await estate();
    const client = await world.open();
    await world.during(client.get('Database'));
    world.keyValues.splice(
      0,
      2,
      { key: 'New', value: 'new' },
      { key: 'Database', value: reference('api'), contentType: REFERENCE_TYPE },
    );
    await world.play(40_000);
    expect(await client.get('New')).toBe('new');
    expect(await client.get('Database')).toBe('api-value');
    await expect(client.get('App:Name')).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('a store of many pages is followed page by page', async () => {
    const keyValues = Array.from({ length: 7 }, (_, i) => ({ key: `P${i}`, value: `${i}` }));
    const world = await estate({ keyValues, store: { pageSize: 3 } });
    const client = await world.open();
    keyValues.splice(3, 1, { key: 'P3', value: 'changed' });
    await world.play(40_000);
    expect(await client.get('P3')).toBe('changed');
    expect(await client.get('P6')).toBe('6');
    expect(world.store.counts()).toMatchObject({ lists: 6, notModified: 2 });
  });
});

describe('replicas', () => {
  test('the next replica is loaded from when the first fails, and the first again when it is back', async () => {
    const world = await estate();
    world.setOutage(['store'], { status: 503 });
    const client = await world.open({ endpoints: [STORE, REPLICA] });
    expect(await client.get('App:Name')).toBe('demo');
    expect(world.replica.counts().lists).toBe(1);
    await world.play(10 * 60_000);
    expect(world.store.requests()).toBeLessThanOrEqual(25);
    world.setOutage(['store'], 'none');
    await world.play(3 * 60_000);
    const before = world.replica.counts().lists;
    await world.play(5 * 60_000);
    expect(world.replica.counts().lists).toBe(before);
  });
});
