import type { CloudStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import type { Config } from '../shared/config.ts';

/**
 * The cloud whose stores the configuration names, reached with the developer's own sign-in: what the SDKs find in the
 * environment, in shared files, in the Azure command line. Loaded only where it is named.
 */
export async function cloudStoresOf(config: Config): Promise<CloudStores | undefined> {
  const kinds = [config.records.kind, config.queue.kind, config.payloads.kind];
  if (kinds.some((kind) => kind === 'table' || kind === 'storage' || kind === 'blob')) {
    const [{ azureStores }, { processIdentity }] = await Promise.all([
      import('../shared/adapters/azure/stores.ts'),
      import('../shared/adapters/azure/identity.ts'),
    ]);
    const timing = { clock: systemClock, random: systemRandom };
    return azureStores(() => processIdentity(process.env, timing), timing);
  }
  if (kinds.some((kind) => kind === 'dynamodb' || kind === 'sqs' || kind === 's3')) {
    const { awsStores } = await import('../shared/adapters/aws/stores.ts');
    return awsStores(config.endpoints, () => systemClock.now());
  }
  return undefined;
}
