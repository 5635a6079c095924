import type { ConfigurationOptions, OpenedConfiguration } from './app-configuration.ts';

/**
 * Values of App Configuration; its client is loaded at the first call, since most of what an alert needs is small beside it.
 *
 * @see openAppConfiguration
 */
export function configuredValues(options: ConfigurationOptions): OpenedConfiguration {
  let opening: Promise<OpenedConfiguration> | undefined;
  let opened: OpenedConfiguration | undefined;
  return {
    async read() {
      opening ??= import('./app-configuration.ts').then(({ openAppConfiguration }) => openAppConfiguration(options));
      opened = await opening;
      return opened.read();
    },
    stats: () => opened?.stats() ?? null,
  };
}
