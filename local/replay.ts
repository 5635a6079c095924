import { configuredDestinations } from '../shared/adapters/destinations.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { terminal } from '../shared/adapters/terminal/sender.ts';
import type { Config } from '../shared/config.ts';
import type { ReplayDeps } from '../shared/pipeline/replay.ts';
import type { DryRunDeps } from '../shared/pipeline/replay-dry-run.ts';
import { SOURCES } from '../shared/registry.ts';
import { openAnyStores, openExplainDeps } from './deps.ts';

export type OpenedReplay = ReplayDeps & DryRunDeps & { close(): Promise<void> };

const silent = (): void => undefined;

/**
 * What replaying needs, over the stores that the configuration names, on this machine or in a cloud.
 *
 * @param logs in place of those of the configuration
 */
export async function openReplay(config: Config, logs: readonly string[] | undefined): Promise<OpenedReplay> {
  const stores = await openAnyStores(config);
  const destinations = configuredDestinations(config);
  const standIn = terminal({ write: silent, colour: false });
  return {
    ...stores,
    ...openExplainDeps(config, logs ?? config.logs),
    clock: systemClock,
    random: systemRandom,
    log: { info: silent, warn: silent, error: silent },
    sources: SOURCES,
    senders: destinations.length > 0 ? destinations : [standIn],
    close: () => stores.close(),
  };
}
