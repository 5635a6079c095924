import type { Identity } from '../audit-record.ts';
import { between, guid, type Random } from '../random.ts';
import { CLIENTS, type Client } from './clients.ts';

/** One application: one identity, one client library, instances at addresses, the secrets it knows. */
export type Application = {
  name: string;
  identity: Identity;
  clientInfo: string;
  addresses: readonly string[];
  secrets: readonly string[];
};

export type ApplicationShape = {
  name: string;
  client: Client;
  instances: number;
  secrets: number;
  /** Instances behind one translated address; 1 means that each has its own. */
  instancesPerAddress?: number;
};

export function createApplication(shape: ApplicationShape, random: Random): Application {
  const network = `10.${Math.floor(between(random, 10, 200))}`;
  const perAddress = shape.instancesPerAddress ?? 1;
  return {
    name: shape.name,
    identity: { appId: guid(random), objectId: guid(random) },
    clientInfo: CLIENTS[shape.client],
    addresses: Array.from({ length: shape.instances }, (_, index) => {
      const host = Math.floor(index / perAddress);
      return `${network}.${Math.floor(host / 250)}.${4 + (host % 250)}`;
    }),
    secrets: Array.from(
      { length: shape.secrets },
      (_, index) => `${shape.name}-${SECRET_NAMES[index % 8]}-${index + 1}`,
    ),
  };
}

const SECRET_NAMES = ['database', 'cache', 'queue', 'storage', 'signing', 'smtp', 'payment', 'search'] as const;
