import type { VaultRequest } from '../../../simulation/audit-record.ts';
import { createApplication } from '../../../simulation/callers/application.ts';
import type { Instance, World } from '../../../simulation/callers/instance.ts';
import { fixedPause } from '../../../simulation/callers/retry.ts';
import { seededRandom } from '../../../simulation/random.ts';
import { createSchedule } from '../../../simulation/schedule.ts';
import { createVault, type VaultNature } from '../../../simulation/vault.ts';

export type Scene = { world: World; instances: Instance[]; play(untilMs: number): readonly VaultRequest[] };

/** A fleet before a vault of its own, at time 0; `requests` is what the vault admits per 10 s. */
export function setScene(
  shape: { instances: number; secrets: number },
  options: { requests?: number; nature?: VaultNature } = {},
): Scene {
  const schedule = createSchedule(0);
  const limit = {
    requests: options.requests ?? 1_000_000,
    windowMs: 10_000,
    shape: 'sliding',
    countsRefused: false,
  } as const;
  const vault = createVault(limit, seededRandom(1, 'vault'), options.nature);
  const application = createApplication({ name: 'orders', client: 'net', ...shape }, seededRandom(1, 'cast'));
  const retry = fixedPause(1_000, 100);
  return {
    world: { schedule, vault, random: seededRandom(1, 'orders') },
    instances: application.addresses.map((address) => ({ application, address, retry })),
    play(untilMs) {
      schedule.playUntil(untilMs);
      return vault.log;
    },
  };
}

export function pathsOf(log: readonly VaultRequest[], address: string): string[] {
  return log.filter((request) => request.address === address && request.status !== 401).map(({ path }) => path);
}
