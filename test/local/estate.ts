import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecrets, type Secrets } from '../../shared/secrets/index.ts';
import { auditLine, type Vault } from '../../simulation/audit-record.ts';
import { seededRandom } from '../../simulation/random.ts';
import { type KeyValue, startAppConfigurationServer } from '../../simulation/servers/app-configuration.ts';
import { startIdentityEndpoint } from '../../simulation/servers/identity-endpoint.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../simulation/servers/tokens.ts';
import { startVaultServer } from '../../simulation/servers/vault.ts';
import type { FastClock } from './fast-clock.ts';

/** A vault that several applications share, small enough to be stormed by one of them. */
export const SHARED_VAULT: Vault = {
  name: 'kv-contoso',
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg-contoso',
};

/** The limit of the simulated vault, far below a real one. */
export const LIMIT = { windowSeconds: 10, max: 60 };

export const SHOP = { appId: '33333333-3333-4333-8333-333333333333', objectId: '33333333-0000-4000-8000-000000000003' };
const BILLING = { appId: '44444444-4444-4444-8444-444444444444', objectId: '44444444-0000-4000-8000-000000000004' };
const TENANT = '11111111-1111-4111-8111-111111111111';

const PROCESSES = 10;
const SECRETS = 10;
/** So soon is each secret read again: a mistake of a setting that nobody noticed while the fleet was small. */
const SHORT_TTL_MS = 5_000;

const QUIET_MINUTES = 15;
const MINUTE_MS = 60_000;

/** A vault with its audit log on disk, a lever store, tokens, an application on `headroom/secrets`, and another beside it. */
export async function startSharedEstate(folder: string, clock: FastClock) {
  const { now } = clock;
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'PT1H.json');
  writeFileSync(log, quietBefore(now()));
  const names = Array.from({ length: SECRETS }, (_, nth) => `shop-secret-${nth + 1}`);
  const leverValues: KeyValue[] = [];
  const writers: string[] = [];
  const vault = await startVaultServer({
    vault: SHARED_VAULT,
    tenantId: TENANT,
    secrets: new Map([...names, 'billing-database'].map((name) => [name, { value: `value of ${name}` }])),
    throttle: {
      limits: { read: { requests: LIMIT.max, windowMs: 10_000, shape: 'sliding', countsRefused: false } },
      retryAfterSeconds: null,
    },
    now,
    onAudit: (line) => appendFileSync(log, `${line}\n`),
  });
  const levers = await startAppConfigurationServer({
    keyValues: leverValues,
    now,
    onWrite: (who) => writers.push(who),
  });
  const identity = await startIdentityEndpoint({ now });
  const httpClient = createRoutedHttpClient({
    [`${SHARED_VAULT.name}.vault.azure.net`]: vault.origin,
    'levers.azconfig.io': levers.origin,
  });
  const processes: Secrets[] = [];
  const beside = besides(vault.origin, clock);

  return {
    vault,
    levers,
    leverValues,
    /** Application ids that changed a lever, in order. */
    writers,
    identity,
    log,
    /** The fleet comes up, and reads each of its secrets every few seconds from then on. */
    async startShop(): Promise<void> {
      const url = `https://${SHARED_VAULT.name}.vault.azure.net`;
      await Promise.all(
        Array.from({ length: PROCESSES }, async (_, nth) => {
          const secrets = await createSecrets({
            credential: credentialOf(SHOP, now),
            app: 'shop',
            leversEndpoint: 'https://levers.azconfig.io',
            ttlMs: SHORT_TTL_MS,
            fleetSize: PROCESSES,
            clock,
            random: seededRandom(nth + 1, 'shop'),
            vaultClientOptions: { httpClient },
            appConfigurationClientOptions: { httpClient },
          });
          processes.push(secrets);
          await Promise.all(names.map((name) => secrets.getSecret(url, name).catch(() => undefined)));
        }),
      );
    },
    async close(): Promise<void> {
      beside.stop();
      await Promise.all(processes.map((secrets) => secrets.close()));
      await Promise.all([vault, levers, identity].map((server) => server.close()));
    },
  };
}

function credentialOf(who: { appId: string; objectId: string }, now: () => number) {
  return {
    async getToken(scope: string | string[]) {
      const expiresOnTimestamp = now() + 24 * 3_600_000;
      const resource = [scope].flat()[0]?.replace(/\/\.default$/, '') ?? '';
      const token = issueToken({ ...who, tenantId: TENANT }, resource, Math.floor(expiresOnTimestamp / 1_000));
      return { token, expiresOnTimestamp };
    },
  };
}

/** Another application, which reads one secret every two seconds and is refused with the rest. */
function besides(origin: string, clock: FastClock): { stop(): void } {
  const stopped = new AbortController();
  const run = async (): Promise<void> => {
    const { token } = await credentialOf(BILLING, clock.now).getToken('https://vault.azure.net/.default');
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'azsdk-net-Security.KeyVault.Secrets/4.7.0' };
    while (!stopped.signal.aborted) {
      await fetch(`${origin}/secrets/billing-database`, { headers, signal: stopped.signal }).catch(() => undefined);
      await clock.sleep(2_000, stopped.signal).catch(() => undefined);
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

/** The quarter of an hour before, as the diagnostic setting has exported it: nobody is refused. */
function quietBefore(nowMs: number): string {
  const lines: string[] = [];
  for (let at = nowMs - QUIET_MINUTES * MINUTE_MS; at < nowMs; at += 2_000)
    lines.push(
      auditLine(SHARED_VAULT, {
        timeMs: at,
        operation: 'SecretGet',
        path: '/secrets/billing-database',
        address: '127.0.0.1',
        clientInfo: 'azsdk-net-Security.KeyVault.Secrets/4.7.0',
        identity: BILLING,
        status: 200,
        durationMs: 12,
        correlationId: `00000000-0000-4000-8000-${String(at % 1e12).padStart(12, '0')}`,
      }),
    );
  return `${lines.join('\n')}\n`;
}
