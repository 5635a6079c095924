import type { Clock, Random } from '../../ports.ts';
import { type GuardedCredential, guardCredential, type TokenCredential } from '../../secrets/token.ts';

/** The process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Timing = { clock: Clock; random: Random };

/**
 * What the SDK finds: an application of Entra in the environment, workload identity, virtual machine, the Azure CLI;
 * AZURE_CLIENT_ID names it where there are several. The SDK's credentials are larger than everything else that an alert needs
 * and are loaded only where they are used.
 */
export function foundIdentity({ AZURE_CLIENT_ID: clientId }: Environment, timing: Timing): GuardedCredential {
  let loading: Promise<TokenCredential> | undefined;
  const found: TokenCredential = {
    async getToken(scopes, options) {
      loading ??= import('./sdk-identity.ts').then(({ createSdkIdentity }) => createSdkIdentity(clientId));
      return (await loading).getToken(scopes, options);
    },
  };
  return guardIdentity(found, timing);
}

/** One token for all clients, asked for once, used as long as it is good while the identity service is not. */
export function guardIdentity(credential: TokenCredential, { clock, random }: Timing): GuardedCredential {
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  return guardCredential(credential, { now: () => clock.now(), sleep, idle: sleep }, random);
}
