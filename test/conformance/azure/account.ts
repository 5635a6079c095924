/** The storage account that `run.ts` started for this process, and the managed identity that opens it. */
import { randomBytes } from 'node:crypto';
import { processIdentity } from '../../../shared/adapters/azure/identity.ts';
import { systemClock, systemRandom } from '../../../shared/adapters/system/clock.ts';
import type { TokenCredential } from '../../../shared/secrets/token.ts';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../../simulation/servers/identity-endpoint.ts';

/** An emulator is slow beside the service, and slower on a busy machine. */
export const calls = { clock: systemClock, random: systemRandom, tryMs: 20_000, budgetMs: 40_000 };

/** A place in the account that no other test has, `https://127.0.0.1:<port>/<account>/<name>`. */
export function placeIn(service: 'table' | 'queue' | 'blob'): string {
  const address = process.env[`AZURITE_${service.toUpperCase()}`];
  if (address === undefined) throw new Error('start this with npm run conformance: it needs Azurite');
  return `${address}/t${randomBytes(8).toString('hex')}`;
}

export type Identity = { credential: TokenCredential; endpoint: IdentityEndpoint; close(): Promise<void> };

/** @param audience of its tokens, in place of the one that is asked for */
export async function startIdentity(audience?: string): Promise<Identity> {
  const endpoint = await startIdentityEndpoint(audience === undefined ? {} : { audience });
  return { credential: processIdentity(endpoint.environment, calls), endpoint, close: () => endpoint.close() };
}
