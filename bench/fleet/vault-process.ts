/**
 * The simulated vault and store in a process of their own, so that clients do not share its processor time; beside them a vault
 * that refuses nobody, for a rehearsal.
 */
import { type KeyValue, startAppConfigurationServer } from '../../simulation/servers/app-configuration.ts';
import { startVaultServer } from '../../simulation/servers/vault.ts';
import type { Counts, StartRequest } from './real.ts';
import { createWorkMeter } from './work-meter.ts';

process.on('disconnect', () => process.exit());
process.on('message', (request: StartRequest) => {
  void start(request);
});

async function start({ secrets, limit, retryAfterSeconds, latencyMs, seed }: StartRequest): Promise<void> {
  const names = Array.from({ length: secrets }, (_, i) => `secret-${i}`);
  const options = {
    vault: { name: 'kv-fleet', subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'rg-fleet' },
    tenantId: '33333333-3333-4333-8333-333333333333',
    secrets: new Map(names.map((name) => [name, { value: `value of ${name}` }])),
    latencyMs,
    seed,
  };
  const vault = await startVaultServer({ ...options, throttle: { limits: { read: limit }, retryAfterSeconds } });
  const rehearsal = await startVaultServer(options);
  const keyValues: KeyValue[] = names.map((name) => ({
    key: `Key:${name}`,
    value: JSON.stringify({ uri: `https://kv-fleet.vault.azure.net/secrets/${name}` }),
    contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
  }));
  const store = await startAppConfigurationServer({ keyValues });
  process.send?.({ vault: vault.origin, rehearsal: rehearsal.origin, store: store.origin });
  const work = createWorkMeter(() => {
    const { served, refused, challenges } = vault.counts();
    return vault.requests() + served + refused + challenges;
  });
  process.removeAllListeners('message');
  process.on('message', (message: 'begin' | 'end') => {
    if (message === 'begin') work.begin();
    const { served, refused, challenges } = vault.counts();
    const { user, system } = process.cpuUsage();
    const counts: Counts = {
      served,
      refused,
      challenges,
      halfMs: message === 'end' ? work.end() : [],
      processorMs: (user + system) / 1_000,
    };
    process.send?.(counts);
  });
}
