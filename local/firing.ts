import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import type { Config } from '../shared/config.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { armScopesOf } from '../shared/pipeline/watch-rules.ts';

/**
 * What one machine compares with what has arrived: of both clouds, each with what its SDK finds (environment, command line,
 * machine). The clients are loaded only where the settings ask for them.
 */
export async function openFiring(config: Config): Promise<Pick<WatchDeps, 'firing' | 'canaryAlarm'>> {
  const { ours, canary } = config.settings;
  const usesAws = (ours?.alarmActions.length ?? 0) > 0 || canary?.alarm !== undefined;
  const aws = usesAws ? await import('../shared/adapters/aws/alarms.ts') : null;
  const reach = { endpoint: config.endpoints.CLOUDWATCH };
  return {
    firing: [
      ...((ours?.actionGroups.length ?? 0) > 0 ? await azureFiring(config) : []),
      ...(aws && ours && ours.alarmActions.length > 0 ? [aws.openAlarms(ours.alarmActions, reach)] : []),
    ],
    ...(aws && canary?.alarm !== undefined ? { canaryAlarm: aws.openCanaryAlarm(canary.alarm, reach) } : {}),
  };
}

async function azureFiring(config: Config) {
  const [{ createAzureFiringAlerts }, { createArmClient }, { processIdentity }] = await Promise.all([
    import('../shared/adapters/azure/alerts-management.ts'),
    import('../shared/adapters/azure/arm.ts'),
    import('../shared/adapters/azure/identity.ts'),
  ]);
  const { url, scope } = AZURE_CLOUDS[config.cloud].arm;
  const timing = { clock: systemClock, random: systemRandom };
  const host = { url: config.endpoints.ARM ?? url, scope };
  const arm = createArmClient({ host, credential: processIdentity(process.env, timing), calls: timing });
  return createAzureFiringAlerts({ arm, clock: systemClock, scopes: armScopesOf(config) });
}
