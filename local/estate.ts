import { createArmClient } from '../shared/adapters/azure/arm.ts';
import { createEstateReader } from '../shared/adapters/azure/estate.ts';
import { readReceivers } from '../shared/adapters/azure/estate-rules.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { createResourceGraph } from '../shared/adapters/azure/resource-graph-client.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import type { Config } from '../shared/config.ts';

/** What reads an estate, as whoever is signed in on this machine: the cloud that HEADROOM_CLOUD names. */
export function openEstate(config: Config, environment: Readonly<Record<string, string | undefined>>) {
  const { url, scope } = AZURE_CLOUDS[config.cloud].arm;
  const timing = { clock: systemClock, random: systemRandom };
  const host = { url: config.endpoints.ARM ?? url, scope };
  const arm = createArmClient({ host, credential: processIdentity(environment, timing), calls: timing });
  const estate = createEstateReader({ arm, graph: createResourceGraph({ arm, clock: systemClock }) });
  return { host: url, read: estate.read, readReceivers: (id: string) => readReceivers(arm, id) };
}
