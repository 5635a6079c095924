import type { Random } from '../pacing/random.ts';
import type { Timing } from './clock.ts';
import type { ValidOptions } from './options.ts';
import type { Telemetry } from './telemetry.ts';
import type { GuardedCredential } from './token.ts';
import { createVaultClient } from './vault-client.ts';
import { createVaultLane, type VaultLane } from './vault-lane.ts';

/** The lanes of all vaults in use. */
export type VaultLanes = {
  of(origin: string): VaultLane;
  all(): Iterable<VaultLane>;
  /** Ceiling of this process on each vault, requests a second; null lifts it. */
  limit(maxPerSecond: number | null): void;
  close(): void;
};

/** Addresses come from callers and from key-values. Beyond this, the idle one longest not asked makes room. */
const MAX_VAULTS = 1_000;

export function createVaultLanes(
  options: Pick<ValidOptions, 'fleetSize' | 'vaultRequestsPer10Seconds' | 'vaultClientOptions'>,
  context: { credential: GuardedCredential; timing: Timing; random: Random; telemetry: Telemetry },
  maxVaults = MAX_VAULTS,
): VaultLanes {
  const { credential, timing } = context;
  const lanes = new Map<string, VaultLane>(); // the one longest not asked comes first
  let ceiling: number | null = null;

  const open = (origin: string): VaultLane => {
    const read = createVaultClient(origin, credential, timing, options.vaultClientOptions ?? {});
    const lane = createVaultLane(origin, read, {
      ...context,
      fleetSize: options.fleetSize,
      requestsPer10Seconds: options.vaultRequestsPer10Seconds,
      tokenBreaker: credential.breaker,
    });
    if (ceiling !== null) lane.limit(ceiling);
    return lane;
  };

  return {
    of(origin) {
      const lane = lanes.get(origin) ?? open(origin);
      lanes.delete(origin);
      lanes.set(origin, lane);
      if (lanes.size > maxVaults)
        for (const other of lanes.values())
          if (other !== lane && other.isIdle()) {
            lanes.delete(other.origin);
            other.close();
            break;
          }
      return lane;
    },
    all: () => lanes.values(),
    limit(maxPerSecond) {
      if (maxPerSecond === ceiling) return;
      ceiling = maxPerSecond;
      for (const lane of lanes.values()) lane.limit(ceiling);
    },
    close() {
      for (const lane of lanes.values()) lane.close();
    },
  };
}
