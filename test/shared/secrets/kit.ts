import type { HttpClient } from '@azure/core-rest-pipeline';
import type { SecretsClock } from '../../../shared/secrets/clock.ts';
import { createSecrets, type Secrets, type SecretsEvent, type SecretsOptions } from '../../../shared/secrets/index.ts';
import { seededRandom } from '../../../simulation/random.ts';
import {
  type AppConfigurationOptions,
  type KeyValue,
  startAppConfigurationServer,
} from '../../../simulation/servers/app-configuration.ts';
import type { Outage } from '../../../simulation/servers/http-server.ts';
import { startImdsServer } from '../../../simulation/servers/imds.ts';
import { createRoutedHttpClient } from '../../../simulation/servers/routed-http-client.ts';
import { startVaultServer, type VaultServerOptions } from '../../../simulation/servers/vault.ts';

export const VAULT = 'https://kv-one.vault.azure.net';
export const SECOND_VAULT = 'https://kv-two.vault.azure.net';
export const STORE = 'https://store-one.azconfig.io';
export const REPLICA = 'https://store-two.azconfig.io';
export const LEVERS = 'https://levers.azconfig.io';
export const REFERENCE_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';

const identity = {
  appId: '11111111-1111-4111-8111-111111111111',
  objectId: '22222222-2222-4222-8222-222222222222',
  tenantId: '33333333-3333-4333-8333-333333333333',
};

export type FakeClock = SecretsClock & {
  /** The earliest sleeper, epoch ms; Infinity without one. */
  nextDue(): number;
  /** Moves the time on and wakes who is due. */
  moveTo(at: number): void;
};

export function createFakeClock(startMs = Date.UTC(2026, 0, 5, 10)): FakeClock {
  let nowMs = startMs;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: nowMs + Math.max(0, ms), wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
    nextDue: () => Math.min(Number.POSITIVE_INFINITY, ...[...sleepers].map(({ at }) => at)),
    moveTo(at) {
      nowMs = Math.max(nowMs, at);
      for (const sleeper of [...sleepers].sort((a, b) => a.at - b.at)) {
        if (sleeper.at > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets everything run that needs no time: promise reactions and requests under way. */
export async function settle(underWay: () => number = () => 0): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = underWay() === 0 ? quiet + 1 : 0) await turn();
}

/** Plays `ms` of the fake clock, one sleeper after another. */
export async function play(clock: FakeClock, ms: number, underWay?: () => number): Promise<void> {
  const end = clock.now() + ms;
  for (;;) {
    await settle(underWay);
    const due = clock.nextDue();
    if (due > end) break;
    clock.moveTo(due);
  }
  clock.moveTo(end);
  await settle(underWay);
}

export type ServerName = 'vault' | 'second' | 'store' | 'replica' | 'levers' | 'token';

export type Estate = Awaited<ReturnType<typeof startEstate>>;

export function reference(name: string, version?: string): string {
  return JSON.stringify({ uri: `${VAULT}/secrets/${name}${version === undefined ? '' : `/${version}`}` });
}

/** A vault, an App Configuration store with a replica, a lever store and a token endpoint, on one fake clock, with real clients. */
export async function startEstate(
  over: {
    vault?: Partial<VaultServerOptions>;
    store?: Partial<AppConfigurationOptions>;
    keyValues?: KeyValue[];
    tokenLifetimeSeconds?: number;
  } = {},
) {
  const clock = createFakeClock();
  const secrets = new Map([
    ['db', { value: 'db-value' }],
    ['api', { value: 'api-value' }],
  ]);
  const keyValues: KeyValue[] = over.keyValues ?? [
    { key: 'App:Name', value: 'demo' },
    { key: 'Database', value: reference('db'), contentType: REFERENCE_TYPE },
    { key: 'Api', value: reference('api'), contentType: REFERENCE_TYPE },
  ];
  const leverValues: KeyValue[] = [];
  const now = clock.now;
  const vaultNames = {
    name: 'kv-one',
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroup: 'rg-one',
  };
  const vault = await startVaultServer({ vault: vaultNames, tenantId: identity.tenantId, secrets, now, ...over.vault });
  const second = await startVaultServer({
    vault: { ...vaultNames, name: 'kv-two' },
    tenantId: identity.tenantId,
    secrets: new Map([['db', { value: 'of the second' }]]),
    now,
  });
  const store = await startAppConfigurationServer({ keyValues, now, ...over.store });
  const replica = await startAppConfigurationServer({ keyValues, now, ...over.store });
  const levers = await startAppConfigurationServer({ keyValues: leverValues, now });
  const lifetime = over.tokenLifetimeSeconds === undefined ? {} : { lifetimeSeconds: over.tokenLifetimeSeconds };
  const imds = await startImdsServer({ identity, now, ...lifetime });

  // Requests under way by server; those that a server never answers are not waited for.
  const underWay = new Set<{ server: ServerName; hung: boolean }>();
  const hanging = new Set<ServerName>();
  const track = async <T>(server: ServerName, work: () => Promise<T>): Promise<T> => {
    const request = { server, hung: hanging.has(server) };
    underWay.add(request);
    try {
      return await work();
    } finally {
      underWay.delete(request);
    }
  };
  const servers = { vault, second, store, replica, levers, token: imds };
  const names: Record<string, Exclude<ServerName, 'token'>> = {
    [new URL(VAULT).host]: 'vault',
    [new URL(SECOND_VAULT).host]: 'second',
    [new URL(STORE).host]: 'store',
    [new URL(REPLICA).host]: 'replica',
    [new URL(LEVERS).host]: 'levers',
  };
  const routed = createRoutedHttpClient(
    Object.fromEntries(Object.entries(names).map(([host, name]) => [host, servers[name].origin])),
  );
  const httpClient: HttpClient = {
    sendRequest: (request) => track(names[new URL(request.url).host] ?? 'vault', () => routed.sendRequest(request)),
  };

  // One request a call and no retries, so that calls to the endpoint can be counted.
  let tokenCalls = 0;
  const credential = {
    getToken(scopes: string | string[], options: { abortSignal?: AbortSignal } = {}) {
      tokenCalls++;
      const resource = [scopes].flat()[0]?.replace(/\/\.default$/, '') ?? '';
      const url = `${imds.origin}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`;
      return track('token', async () => {
        const response = await fetch(url, { headers: { metadata: 'true' }, signal: options.abortSignal ?? null });
        if (!response.ok)
          throw Object.assign(new Error(`token endpoint answered ${response.status}`), {
            name: 'CredentialUnavailableError',
          });
        const body: unknown = await response.json();
        const read = (name: string): string => String(Reflect.get(Object(body), name));
        return { token: read('access_token'), expiresOnTimestamp: Number(read('expires_on')) * 1_000 };
      });
    },
  };

  const events: SecretsEvent[] = [];
  const opened: Secrets[] = [];
  const pending = (): number => [...underWay].filter(({ hung }) => !hung).length;

  return {
    clock,
    vault,
    second,
    store,
    replica,
    levers,
    imds,
    secrets,
    keyValues,
    leverValues,
    events,
    tokenCalls: () => tokenCalls,
    /** Makes servers fail from now on, or work again. */
    setOutage(which: readonly ServerName[], outage: Outage) {
      for (const name of which) {
        servers[name].setOutage(outage);
        if (outage !== 'hang') hanging.delete(name);
        else {
          hanging.add(name);
          for (const request of underWay) if (request.server === name) request.hung = true;
        }
      }
    },
    options: (more: Partial<SecretsOptions> = {}): SecretsOptions => ({
      endpoints: [STORE],
      credential,
      clock,
      random: seededRandom(5),
      appConfigurationClientOptions: { httpClient },
      vaultClientOptions: { httpClient },
      onEvent: (event) => events.push(event),
      ...more,
    }),
    /** Opens a client; time passes as it needs. */
    async open(more: Partial<SecretsOptions> = {}): Promise<Secrets> {
      const client = await this.during(createSecrets(this.options(more)));
      opened.push(client);
      return client;
    },
    play: (ms: number): Promise<void> => play(clock, ms, pending),
    /** Plays time until the promise settles, at most `limitMs`. */
    async during<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
      let done = false;
      const watched = promise.finally(() => {
        done = true;
      });
      watched.catch(() => {});
      const end = clock.now() + limitMs;
      for (;;) {
        await settle(pending);
        if (done) return watched;
        const due = clock.nextDue();
        if (due > end) throw new Error(`did not settle within ${limitMs} ms of played time`);
        clock.moveTo(due);
      }
    },
    async close() {
      await Promise.all(opened.map((client) => client.close()));
      await Promise.all([vault, second, store, replica, levers, imds].map((server) => server.close()));
    },
  };
}
