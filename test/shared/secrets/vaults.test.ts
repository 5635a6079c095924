import { afterEach, describe, expect, test } from 'vitest';
import { type Estate, REFERENCE_TYPE, reference, SECOND_VAULT, startEstate, VAULT } from './kit.ts';

const estates: Estate[] = [];
async function estate(over: Parameters<typeof startEstate>[0] = {}): Promise<Estate> {
  const made = await startEstate(over);
  estates.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(estates.splice(0).map((one) => one.close()));
});

describe('several vaults', () => {
  test('references lead to the vault that they name, each with a client, a pacer and a breaker of its own', async () => {
    const other = SECOND_VAULT;
    const keyValues = [
      { key: 'One', value: reference('db'), contentType: REFERENCE_TYPE },
      { key: 'Two', value: JSON.stringify({ uri: `${other}/secrets/db` }), contentType: REFERENCE_TYPE },
      {
        key: 'Versioned',
        value: JSON.stringify({ uri: `${other}/secrets/db/${'0'.repeat(32)}` }),
        contentType: REFERENCE_TYPE,
      },
    ];
    const world = await estate({ keyValues });
    const client = await world.open();
    const reads = world.during(Promise.all(['One', 'Two', 'Versioned'].map((key) => client.get(key))));
    expect(await reads).toEqual(['db-value', 'of the second', 'of the second']);
    expect([world.vault.counts(), world.second.counts()]).toMatchObject([
      { served: 1, challenges: 1 },
      { served: 2, challenges: 1 },
    ]);
    expect(Object.keys(client.stats().vaults).sort()).toEqual([VAULT, other]);
    world.setOutage(['second'], { status: 503 });
    await world.during(Promise.allSettled(Array.from({ length: 9 }, (_, i) => client.getSecret(other, `s${i}`))));
    expect(client.stats().vaults).toMatchObject({ [VAULT]: { breaker: 'closed' }, [other]: { breaker: 'open' } });
  });
});

describe('throttling', () => {
  test('a throttled start is waited out, paced and counted', async () => {
    const keyValues = Array.from({ length: 20 }, (_, i) => ({
      key: `K${i}`,
      value: reference(`s${i}`),
      contentType: REFERENCE_TYPE,
    }));
    const secrets = new Map(keyValues.map((_, i) => [`s${i}`, { value: `v${i}` }]));
    const limit = { requests: 4, windowMs: 10_000, shape: 'sliding' as const, countsRefused: true };
    const world = await estate({
      keyValues,
      vault: { secrets, throttle: { limits: { read: limit }, retryAfterSeconds: null } },
    });
    const client = await world.open();
    expect(await world.during(client.preload())).toEqual({ ready: 20, failed: [] });
    const { refused } = world.vault.counts();
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(6);
    expect(client.stats()).toMatchObject({ throttled: refused, failures: 0 });
    expect(client.stats().vaults[VAULT]?.breaker).toBe('closed');
    expect(world.events.filter(({ type }) => type === 'throttled')).toHaveLength(refused);
  });
});

describe('the first guess of the fair share', () => {
  const names = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const secrets = new Map(names.map((name) => [name, { value: name }]));
  test.each([
    [{ fleetSize: 200 }, 20_000],
    [{ fleetSize: 200, vaultRequestsPer10Seconds: 4_000 }, 10_000],
    [{ fleetSize: 20 }, 0],
  ])('%j: 30 secrets take %i ms', async (guess, ms) => {
    const world = await estate({ vault: { secrets } });
    const client = await world.open({ endpoints: [], ...guess });
    const startedAt = world.clock.now();
    await world.during(Promise.all(names.map((name) => client.getSecret(VAULT, name))));
    const took = world.clock.now() - startedAt;
    expect(took).toBeGreaterThanOrEqual(ms);
    expect(took).toBeLessThanOrEqual(ms + 1_000);
    expect(client.stats().throttled).toBe(0);
  });
});
