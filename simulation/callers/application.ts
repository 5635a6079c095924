import { between, guid, type Random } from '../random.ts';

/** One application: one identity, one client library, instances at addresses, the secrets it knows. */
export type Application = {
  name: string;
  identity: { appId: string; objectId: string };
  clientInfo: string;
  addresses: readonly string[];
  secrets: readonly string[];
};

const CLIENTS = {
  net: 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11; Ubuntu 22.04.5 LTS)',
  java: 'azsdk-java-azure-security-keyvault-secrets/4.9.1 (21.0.5; Linux; 5.15.0-1073-azure)',
  python: 'azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7 (Linux-5.15.0-1073-azure-x86_64-with-glibc2.36)',
  javascript:
    'azsdk-js-keyvault-secrets/4.11.2 core-rest-pipeline/1.25.0 Node/24.11.0 OS/(x64-Linux-5.15.0-1073-azure)',
  go: 'azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)',
} as const;

export type ApplicationShape = {
  name: string;
  client: keyof typeof CLIENTS;
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
