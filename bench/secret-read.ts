/**
 * What a cached read costs, beside what people use today; and how many vault calls a million reads over a day make.
 *
 *   npm run bench:secret-read
 */
import { BaseProvider } from '@aws-lambda-powertools/parameters/base';
import { load } from '@azure/app-configuration-provider';
import { LRUCache } from 'lru-cache';
import { createSecrets } from '../shared/secrets/index.ts';
import { startAppConfigurationServer } from '../simulation/servers/app-configuration.ts';
import { createRoutedHttpClient } from '../simulation/servers/routed-http-client.ts';
import { issueToken } from '../simulation/servers/tokens.ts';
import { startVaultServer } from '../simulation/servers/vault.ts';
import { playDay } from './secret-read/day.ts';

const READS = 1_000_000;
const ROUNDS = 9;
const KEY = 'Database';

class MapProvider extends BaseProvider {
  constructor() {
    super({});
  }
  protected async _get(): Promise<string> {
    return 'value';
  }
  protected async _getMultiple(): Promise<Record<string, unknown>> {
    return {};
  }
}

/** Nanoseconds a read in one round, with so many readers awaiting at once. */
async function time(read: () => unknown, readers: number): Promise<number> {
  const each = Math.floor(READS / readers);
  const reader = async (): Promise<void> => {
    for (let i = 0; i < each; i++) await read();
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: readers }, reader));
  return ((performance.now() - startedAt) * 1e6) / (each * readers);
}

type Measured = { ns: number; toMap: number };

/**
 * Medians over the rounds. In a round all contenders take their turn, and each is compared with the map of that round, so
 * that what else the machine does meets all alike.
 */
async function measure(contenders: readonly [string, () => unknown][], readers: number): Promise<Measured[]> {
  const rounds: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const [, read] of contenders) times.push(await time(read, readers));
    rounds.push(times);
  }
  return contenders.map((_, index) => ({
    ns: median(rounds.map((times) => times[index] ?? Number.NaN)),
    toMap: median(rounds.map((times) => (times[index] ?? Number.NaN) / (times[0] ?? Number.NaN))),
  }));
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const identity = { appId: 'a', objectId: 'b', tenantId: '33333333-3333-4333-8333-333333333333' };
const names = { name: 'kv-read', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-read' };
const vault = await startVaultServer({
  vault: names,
  tenantId: identity.tenantId,
  secrets: new Map([['db', { value: 'value' }]]),
});
const contentType = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
const value = JSON.stringify({ uri: 'https://kv-read.vault.azure.net/secrets/db' });
const store = await startAppConfigurationServer({ keyValues: [{ key: KEY, value, contentType }] });
const httpClient = createRoutedHttpClient({
  'kv-read.vault.azure.net': vault.origin,
  'store-read.azconfig.io': store.origin,
});
const expires = Math.floor(Date.now() / 1_000) + 7_200;
const token = { token: issueToken(identity, 'https://vault.azure.net', expires), expiresOnTimestamp: expires * 1_000 };
const credential = { getToken: async () => token };

const secrets = await createSecrets({
  endpoints: ['https://store-read.azconfig.io'],
  credential,
  appConfigurationClientOptions: { httpClient },
  vaultClientOptions: { httpClient },
});
await secrets.get(KEY);
const provider = await load('https://store-read.azconfig.io', credential, {
  clientOptions: { httpClient },
  replicaDiscoveryEnabled: false,
  keyVaultOptions: { credential, clientOptions: { httpClient } },
});
const powertools = new MapProvider();
const lru = new LRUCache<string, string, unknown>({ max: 1_000, ttl: 3_600_000, fetchMethod: async () => 'value' });
const map = new Map([[KEY, 'value']]);
const mapRead = async (): Promise<string | undefined> => map.get(KEY);

const contenders: [string, () => unknown][] = [
  ['Map.get behind a promise', mapRead],
  ['headroom/secrets get', () => secrets.get(KEY)],
  ['lru-cache fetch', () => lru.fetch(KEY)],
  ['Powertools parameters get', () => powertools.get(KEY, { maxAge: 3_600 })],
  ['App Configuration provider get (no promise)', () => provider.get(KEY)],
];
for (const [, read] of contenders) await time(read, 1); // compiled before it counts
const [one, many] = [await measure(contenders, 1), await measure(contenders, 64)];
console.log(
  '| read of a cached secret | 1 reader, ns | to Map | 64 readers, ns | to Map |\n| --- | --- | --- | --- | --- |',
);
for (const [index, [name]] of contenders.entries()) {
  const cells = [one[index], many[index]].flatMap((got) => [got?.ns.toFixed(0), got?.toMap.toFixed(2)]);
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
await secrets.close();
await Promise.all([vault.close(), store.close()]);

const day = await playDay();
console.log(
  `\nA million reads of one secret by 64 callers over a simulated day at a TTL of 1 h: ${day.vaultCalls} vault calls, ${day.challenges} challenge, ${day.hits} hits.`,
);
process.exit(0);
