import { load } from '@azure/app-configuration-provider';
import { SecretClient } from '@azure/keyvault-secrets';
import { createSecrets } from '../../shared/secrets/index.ts';
import { seededRandom } from '../../simulation/random.ts';
import { type Contender, STORE_HOST, VAULT_HOST } from './real.ts';

const VAULT = `https://${VAULT_HOST}`;
const STORE = `https://${STORE_HOST}`;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new Error('cap'));
      },
      { once: true },
    );
  });
}

/** `headroom/secrets` with App Configuration: all references preloaded. */
export function ours(fleetSize?: number): Contender {
  return async ({ httpClient, credential, names, signal }, index) => {
    const secrets = await createSecrets({
      endpoints: [STORE],
      credential,
      random: seededRandom(1, `instance ${index}`),
      appConfigurationClientOptions: { httpClient },
      vaultClientOptions: { httpClient },
      ...(fleetSize === undefined ? {} : { fleetSize }),
    });
    signal.addEventListener('abort', () => void secrets.close(), { once: true });
    return async () => {
      const { ready, failed } = await secrets.preload();
      if (ready !== names.length) throw failed[0] ?? new Error('not all were read');
    };
  };
}

/** `SecretClient` with its own defaults, one secret after another. */
export const sdk: Contender = async ({ httpClient, credential, names, signal }) => {
  const client = new SecretClient(VAULT, credential, { httpClient });
  return async () => {
    for (const name of names) await client.getSecret(name, { abortSignal: signal });
  };
};

/** The same in a process that a supervisor starts again a second after it failed, from the first secret. */
export const sdkRestarting: Contender = async ({ httpClient, credential, names, signal }) => {
  return async () => {
    while (!signal.aborted) {
      const client = new SecretClient(VAULT, credential, { httpClient });
      try {
        for (const name of names) await client.getSecret(name, { abortSignal: signal });
        return;
      } catch {
        await sleep(1_000, signal);
      }
    }
  };
};

/** The advised waits of 1, 2, 4, 8, 16 s around each read. */
export const scheduled: Contender = async ({ httpClient, credential, names, signal }) => {
  const client = new SecretClient(VAULT, credential, { httpClient, retryOptions: { maxRetries: 0 } });
  return async () => {
    for (const name of names) {
      for (let attempt = 0; ; attempt++) {
        try {
          await client.getSecret(name, { abortSignal: signal });
          break;
        } catch (error) {
          if (attempt >= 5 || signal.aborted) throw error;
          await sleep(1_000 * 2 ** attempt, signal);
        }
      }
    }
  };
};

/** The App Configuration provider. */
export function provider(parallel: boolean): Contender {
  return async ({ httpClient, credential, names }) => {
    return async () => {
      const settings = await load(STORE, credential, {
        clientOptions: { httpClient },
        replicaDiscoveryEnabled: false,
        keyVaultOptions: { credential, clientOptions: { httpClient }, parallelSecretResolutionEnabled: parallel },
        startupOptions: { timeoutInMs: 180_000 },
      });
      if (settings.size !== names.length) throw new Error('not all were read');
    };
  };
}
