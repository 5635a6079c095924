import { readVerifier } from '../adapters/entra/configured.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { AZURE_CLOUDS } from '../config/clouds.ts';
import type { Config } from '../config.ts';
import { isCanaryInTime } from '../pipeline/canary.ts';
import type { ReceiveDeps } from '../pipeline/deps.ts';
import { canaryRulesOf } from '../pipeline/watch-rules.ts';
import { accessBy } from '../routes/auth.ts';
import type { ReadRouteDeps } from '../routes/read.ts';
import { baseDeps, type Ground, observed } from './ground.ts';

/**
 * What shows incidents. A shared token must not open what names people (field-notes 36), so callers bring one of Entra, or
 * are checked before they get here.
 *
 * @param nextStep what an operator does where no caller can be checked
 */
export async function readEntry(ground: Ground, config: Config, nextStep: string): Promise<ReadRouteDeps> {
  const deps = observed(ground, await baseDeps(ground, config));
  const verifier = readVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log: ground.log });
  return {
    ...deps,
    access: accessBy({ verifier, nextStep }),
    healthy: async () => (await isHealthy(deps)) && isCanaryInTime(deps, canaryRulesOf(config)),
  };
}

async function isHealthy({ records, queue }: ReceiveDeps): Promise<boolean> {
  await Promise.all([records.get({ partition: 'health', id: 'health' }), queue.depth()]);
  return true;
}
