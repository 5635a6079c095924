import { createSnsAuthority } from '../adapters/aws/sns-authority.ts';
import { alertVerifier } from '../adapters/entra/configured.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { AZURE_CLOUDS } from '../config/clouds.ts';
import type { Config } from '../config.ts';
import { SOURCES } from '../registry.ts';
import type { AlertsRouteDeps } from '../routes/alerts.ts';
import { accessBy } from '../routes/auth.ts';
import { baseDeps, type Ground, observed } from './ground.ts';

/**
 * What takes alerts in.
 *
 * @param nextStep what an operator does where no caller can be checked
 */
export async function receiveEntry(ground: Ground, config: Config, nextStep: string): Promise<AlertsRouteDeps> {
  const verifier = alertVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log: ground.log });
  return observed(ground, {
    ...(await baseDeps(ground, config)),
    sources: SOURCES,
    access: accessBy({ token: config.alertToken, verifier, nextStep }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  });
}

function snsEndpoint({ endpoints }: Config): { endpoint?: string } {
  return endpoints.SNS === undefined ? {} : { endpoint: endpoints.SNS };
}
