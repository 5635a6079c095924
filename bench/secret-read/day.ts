import { createSecrets } from '../../shared/secrets/index.ts';
import { seededRandom } from '../../simulation/random.ts';
import { createRoutedHttpClient } from '../../simulation/servers/routed-http-client.ts';
import { issueToken } from '../../simulation/servers/tokens.ts';
import { startVaultServer } from '../../simulation/servers/vault.ts';

const STEPS = 24 * 60;
const CALLERS = 64;
const identity = { appId: 'a', objectId: 'b', tenantId: '33333333-3333-4333-8333-333333333333' };

/** A million reads, spread over a day minute by minute on a played clock, against a real server. */
export async function playDay(): Promise<{ vaultCalls: number; challenges: number; hits: number }> {
  let nowMs = Date.UTC(2026, 0, 5);
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock = {
    now: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const sleeper = { at: nowMs + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          resolve();
        });
      }),
  };
  const vault = await startVaultServer({
    vault: { name: 'kv-day', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-day' },
    tenantId: identity.tenantId,
    secrets: new Map([['db', { value: 'value' }]]),
    now: clock.now,
  });
  let underWay = 0;
  const routed = createRoutedHttpClient({ 'kv-day.vault.azure.net': vault.origin });
  const secrets = await createSecrets({
    credential: {
      getToken: async () => {
        const seconds = Math.floor(nowMs / 1_000) + 86_400;
        return { token: issueToken(identity, 'https://vault.azure.net', seconds), expiresOnTimestamp: seconds * 1_000 };
      },
    },
    clock,
    random: seededRandom(1),
    vaultClientOptions: {
      httpClient: {
        async sendRequest(request) {
          underWay++;
          try {
            return await routed.sendRequest(request);
          } finally {
            underWay--;
          }
        },
      },
    },
  });
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet = underWay === 0 ? quiet + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  };
  const readsAStep = Math.ceil(1_000_000 / STEPS / CALLERS);
  for (let step = 0; step < STEPS; step++) {
    const caller = async (): Promise<void> => {
      for (let i = 0; i < readsAStep; i++) await secrets.getSecret('https://kv-day.vault.azure.net', 'db');
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    nowMs += 60_000;
    for (const sleeper of [...sleepers]) {
      if (sleeper.at > nowMs) continue;
      sleepers.delete(sleeper);
      sleeper.wake();
    }
    await settle();
  }
  const { hits } = secrets.stats();
  const { served, challenges } = vault.counts();
  await secrets.close();
  await vault.close();
  return { vaultCalls: served, challenges, hits };
}
