import type { RemoteValues } from '../remote-values.ts';
import type { ConfigurationOptions } from './app-configuration.ts';

/**
 * Values of App Configuration; its client is loaded at the first call, since most of what an alert needs is small beside it.
 *
 * @see openAppConfiguration
 */
export function configuredValues(options: ConfigurationOptions): () => Promise<RemoteValues> {
  let opening: Promise<() => Promise<RemoteValues>> | undefined;
  return async () => {
    opening ??= import('./app-configuration.ts').then(({ openAppConfiguration }) => openAppConfiguration(options));
    return (await opening)();
  };
}
