import { afterEach, describe, expect, test } from 'vitest';
import { type Estate, REFERENCE_TYPE, reference, startEstate } from './kit.ts';

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

describe('bundles', () => {
  const bundle = JSON.stringify({
    User: 'u',
    Password: 'p',
    Port: 5432,
    'a:b': 'flat',
    nested: { deep: { x: true } },
    none: null,
  });
  const keyValues = [
    { key: 'Db', value: reference('bundle'), contentType: REFERENCE_TYPE },
    { key: 'Db:User', value: 'a key wins' },
    { key: 'Text', value: reference('text'), contentType: REFERENCE_TYPE },
    { key: 'List', value: reference('list'), contentType: REFERENCE_TYPE },
  ];
  const secrets = new Map([
    ['bundle', { value: bundle, contentType: 'application/json; charset=utf-8' }],
    ['text', { value: '{"User":"x"}' }],
    ['list', { value: '[1]', contentType: 'application/json' }],
  ]);

  test.each([
    ['Db:Password', 'p'],
    ['Db:Port', '5432'],
    ['Db:a:b', 'flat'],
    ['Db:nested:deep:x', 'true'],
    ['Db:nested:deep', '{"x":true}'],
    ['Db:User', 'a key wins'],
    ['Db', bundle],
  ])('%s reads %s', async (key, expected) => {
    const world = await estate({ keyValues, vault: { secrets } });
    const client = await world.open();
    expect(await world.during(client.get(key))).toBe(expected);
    expect(await client.get(key)).toBe(expected);
    expect(world.vault.counts().served).toBeLessThanOrEqual(1);
  });

  test.each(['Db:none', 'Db:absent', 'Text:User', 'List:0', 'Db:', 'Db:__proto__', 'Db:constructor'])(
    '%s is not found',
    async (key) => {
      const world = await estate({ keyValues, vault: { secrets } });
      const client = await world.open();
      await expect(world.during(client.get(key))).rejects.toMatchObject({ kind: 'not-found' });
    },
  );

  test('parts follow the secret when it changes', async () => {
    const changing = new Map(secrets);
    const world = await estate({ keyValues, vault: { secrets: changing } });
    const client = await world.open();
    expect(await world.during(client.get('Db:Password'))).toBe('p');
    changing.set('bundle', { value: '{"Password":"p2"}', contentType: 'application/json' });
    await world.play(HOUR);
    expect(await client.get('Db:Password')).toBe('p2');
    await expect(client.get('Db:Port')).rejects.toMatchObject({ kind: 'not-found' });
  });
});
