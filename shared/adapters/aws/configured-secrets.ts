import type { RemoteValues } from '../remote-values.ts';
import type { SecretsManagerOptions } from './secrets.ts';

/**
 * What the references of an environment name in AWS Secrets Manager; its client is loaded at the first call.
 *
 * @see openSecretsManager
 */
export function configuredSecrets(options: SecretsManagerOptions): () => Promise<RemoteValues> {
  let opening: Promise<() => Promise<RemoteValues>> | undefined;
  return async () => {
    opening ??= import('./secrets.ts').then(({ openSecretsManager }) => openSecretsManager(options));
    return (await opening)();
  };
}
