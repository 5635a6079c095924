/** A bundle of its own, loaded where the platform offers no identity endpoint of its own. */
import { DefaultAzureCredential } from '@azure/identity';
import type { TokenCredential } from '../../secrets/token.ts';

/** What the SDK finds, in its order. @see https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains */
export function createSdkIdentity(clientId: string | undefined): TokenCredential {
  return new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId, workloadIdentityClientId: clientId },
  );
}
