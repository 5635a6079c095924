import { afterEach, describe, expect, test } from 'vitest';
import { openAppConfiguration } from '../../../../shared/adapters/azure/app-configuration.ts';
import { collectingLog } from '../../../kit.ts';
import { type Estate, REFERENCE_TYPE, reference, STORE, startEstate, VAULT } from '../../secrets/kit.ts';

const KEYS = [
  { key: 'headroom:config:bodyBytes', value: '2048' },
  { key: 'headroom:config:slackBotToken', value: reference('db'), contentType: REFERENCE_TYPE },
  { key: 'another:application', value: 'not ours' },
];

const worlds: Estate[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
});

async function start(over: { overridden?: string; waitMs?: number; keyValues?: typeof KEYS; away?: boolean } = {}) {
  const { overridden, waitMs, keyValues = KEYS, away = false } = over;
  const world = await startEstate({ keyValues: [...keyValues] });
  worlds.push(world);
  if (away) world.setOutage(['store'], 'cut');
  const log = collectingLog();
  const { endpoints: _one, onEvent: _none, ...clients } = world.options();
  const opened = openAppConfiguration({
    ...clients,
    endpoints: [STORE],
    prefix: 'headroom:config:',
    overridden: (key) => key === overridden,
    log,
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  return { world, log, stats: opened.stats, read: () => world.during(opened.read()) };
}

describe('values from App Configuration', () => {
  test('are the plain ones of the prefix, and what its references point to', async () => {
    const { read } = await start();
    expect(await read()).toEqual({
      appConfiguration: { 'headroom:config:bodyBytes': '2048' },
      keyVault: { 'headroom:config:slackBotToken': 'db-value' },
      problems: [],
    });
  });

  test('come with how reading the secrets among them fares, once there is a reader', async () => {
    const { read, stats } = await start();
    expect(stats()).toBe(null);
    await read();
    expect(stats()).toMatchObject({ misses: 1, cached: 1, vaults: { [VAULT]: { breaker: 'closed' } } });
  });

  test('are the same object until something changes there', async () => {
    const { read, world } = await start();
    const first = await read();
    expect(await read()).toBe(first);
    world.keyValues.splice(0, 1, { key: 'headroom:config:bodyBytes', value: '4096' });
    await world.play(120_000);
    expect(await read()).toMatchObject({ appConfiguration: { 'headroom:config:bodyBytes': '4096' } });
  });

  test('take up a secret that was rotated, within its hour', async () => {
    const { read, world } = await start();
    await read();
    world.secrets.set('db', { value: 'rotated' });
    await world.play(2 * 3_600_000);
    expect(await read()).toMatchObject({ keyVault: { 'headroom:config:slackBotToken': 'rotated' } });
  });

  test('cost no read of the vault where the environment says something else', async () => {
    const { read, world } = await start({ overridden: 'headroom:config:slackBotToken' });
    expect(await read()).toMatchObject({ keyVault: {}, problems: [] });
    expect(world.vault.counts().served).toBe(0);
  });

  test('stay while store, vault and identity are gone for longer than a secret is fresh', async () => {
    const { read, world } = await start();
    const first = await read();
    world.setOutage(['store', 'vault', 'token'], 'cut');
    await world.play(2.5 * 3_600_000);
    expect(await read()).toBe(first);
  });

  test.each([
    ['a secret that does not exist', reference('nobody'), 'does not exist'],
    ['nothing that can be followed', 'nonsense', 'is no reference that can be followed'],
  ])('name the key whose reference names %s, and never what stands there', async (_what, value, problem) => {
    const keyValues = [{ key: 'headroom:config:alertToken', value, contentType: REFERENCE_TYPE }];
    const { read } = await start({ keyValues });
    const { problems } = await read();
    expect(problems).toEqual([
      { name: 'headroom:config:alertToken', problem: expect.stringContaining(problem), nextStep: expect.any(String) },
    ]);
    expect(JSON.stringify(problems)).not.toContain('nonsense');
  });

  test('are unavailable while the store was never reached, and there once it is', async () => {
    const { read, world } = await start({ away: true, waitMs: 50 });
    await expect(read()).rejects.toMatchObject({
      kind: 'unavailable',
      nextStep: expect.stringContaining('Data Reader'),
    });
    world.setOutage(['store'], 'none');
    await world.play(120_000);
    expect(await read()).toMatchObject({ appConfiguration: { 'headroom:config:bodyBytes': '2048' } });
  });
});
