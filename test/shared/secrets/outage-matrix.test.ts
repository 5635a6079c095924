import { afterEach, describe, expect, test } from 'vitest';
import { TOKEN_PROBE_MS } from '../../../shared/secrets/token.ts';
import { VAULT_PROBE_MS } from '../../../shared/secrets/vault-lane.ts';
import type { Outage } from '../../../simulation/servers/http-server.ts';
import { type Estate, type ServerName, startEstate } from './kit.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const PROBE_MS = Math.max(TOKEN_PROBE_MS, VAULT_PROBE_MS);

let world: Estate;
afterEach(() => world.close());

/** Requests in an hour, at most: what each gets while it is down, from one process that is read once a minute. */
const MOST: Record<string, number> = { vault: 130, store: 130, token: 150 };

const SETS: ServerName[][] = [
  ['vault'],
  ['store'],
  ['token'],
  ['vault', 'store'],
  ['vault', 'token'],
  ['store', 'token'],
  ['vault', 'store', 'token'],
];
const HOW: [string, Outage][] = [
  ['answer 503', { status: 503 }],
  ['cut connections', 'cut'],
  ['never answer', 'hang'],
];
const CASES = SETS.flatMap((down) => HOW.map(([how, outage]) => [down.join(' and '), how, down, outage] as const));

const requests = () => ({ vault: world.vault.requests(), store: world.store.requests(), token: world.imds.requests() });

/** Reads the keys once a minute for an hour: what each answered, values or kinds of errors. */
async function readForAnHour(
  read: (key: string) => Promise<string>,
  keys: string[],
): Promise<Record<string, string[]>> {
  const seen = new Map(keys.map((key) => [key, new Set<string>()]));
  for (let played = 0; played < HOUR; played += MINUTE) {
    await world.play(MINUTE);
    for (const key of keys) {
      const answer = read(key).catch((error: unknown) => String(Reflect.get(Object(error), 'kind')));
      seen.get(key)?.add(await world.during(answer));
    }
  }
  return Object.fromEntries([...seen].map(([key, answers]) => [key, [...answers]]));
}

function expectFew(before: ReturnType<typeof requests>, down: readonly ServerName[]): void {
  const after = requests();
  for (const server of ['vault', 'store', 'token'] as const)
    if (down.includes(server))
      expect({ server, most: after[server] - before[server] <= (MOST[server] ?? 0) }).toEqual({ server, most: true });
  // Without a token the vault is not called at all: it would only answer with a challenge.
  if (down.includes('token')) expect(world.vault.counts().challenges).toBeLessThanOrEqual(1);
}

describe('an hour of outage, later', () => {
  test.each(CASES)(
    '%s %s: what was read is served, calls are few, a probe interval ends it',
    async (_what, _how, down, outage) => {
      world = await startEstate({ tokenLifetimeSeconds: 20 * 60 });
      const client = await world.open({ ttlMs: 10 * MINUTE });
      await world.during(client.get('Database'));
      world.setOutage(down, outage);
      await world.play(20 * MINUTE); // tokens that were still good have run out
      const before = requests();
      const unreadable = down.includes('vault') || down.includes('token');
      expect(await readForAnHour((key) => client.get(key), ['App:Name', 'Database', 'Api'])).toEqual({
        'App:Name': ['demo'],
        Database: ['db-value'],
        Api: [unreadable ? 'unavailable' : 'api-value'],
      });
      expectFew(before, down);
      expect(client.stats().stale > 0).toBe(unreadable);

      world.setOutage(down, 'none');
      world.secrets.set('db', { value: 'after' });
      world.keyValues.push({ key: 'New', value: 'new' });
      await world.play(PROBE_MS + 2_000);
      if (unreadable) expect(await client.get('Database')).toBe('after');
      expect(await client.get('New')).toBe('new');
      expect(await world.during(client.get('Api'), 1_000)).toBe('api-value');
    },
  );
});

describe('an hour of outage, from the start', () => {
  test.each(CASES)(
    '%s %s: the rest works, calls are few, a probe interval ends it',
    async (_what, _how, down, outage) => {
      world = await startEstate({ tokenLifetimeSeconds: 20 * 60 });
      world.setOutage(down, outage);
      const before = requests();
      const startedAt = world.clock.now();
      const client = await world.open({ ttlMs: 10 * MINUTE });
      expect(world.clock.now() - startedAt).toBeLessThanOrEqual(1.5 * MINUTE);
      // The store is read with a token too.
      const unknown = down.includes('store') || down.includes('token');
      expect(await readForAnHour((key) => client.get(key), ['App:Name', 'Database'])).toEqual({
        'App:Name': [unknown ? 'unavailable' : 'demo'],
        Database: ['unavailable'],
      });
      expectFew(before, down);
      expect(client.stats().cached).toBe(0);

      world.setOutage(down, 'none');
      await world.play(PROBE_MS + 2_000);
      expect(await client.get('App:Name')).toBe('demo');
      expect(await world.during(client.get('Database'), 1_000)).toBe('db-value');
    },
  );
});
