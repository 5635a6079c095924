import { isConfigurationStore } from '../evidence/kind.ts';
import { refreshSecondsFor } from '../limits.ts';
import { durationText, type FixContext, type FixRule, type Snippets, snippetFor } from './fix.ts';

/** Each instance asks the store less often whether anything has changed, and by one key instead of all. */
export const configurationRefresh: FixRule = {
  id: 'configuration-refresh',
  invasiveness: 1,
  changesCaller: true,
  propose(context) {
    if (!isConfigurationStore(context.resource)) return null;
    const seconds = refreshSecondsFor(context.cause.caller?.addresses ?? 1);
    return {
      title: `Refresh every ${durationText(seconds)} by a sentinel`,
      ...snippetFor(context, snippets(context, seconds)),
      // The store is metered by the hour, which no replay of seconds tells.
      change: null,
      settings: { seconds },
    };
  },
};

/** @see https://learn.microsoft.com/azure/azure-app-configuration/concept-config-store#request-quota and each provider's reference */
function snippets({ resource }: FixContext, seconds: number): Snippets {
  const url = `https://${/^[a-z0-9-]{5,50}$/i.test(resource.name) ? resource.name.toLowerCase() : '<store>'}.azconfig.io`;
  return {
    net: {
      language: 'csharp',
      text: `options.Connect(new Uri("${url}"), new DefaultAzureCredential())
    .ConfigureRefresh(refresh => refresh
        // One key is asked for; all others are read again only when it has changed.
        .Register("Sentinel", refreshAll: true)
        .SetRefreshInterval(TimeSpan.FromSeconds(${seconds})));`,
    },
    java: {
      language: 'yaml',
      text: `spring:
  cloud:
    azure:
      appconfiguration:
        stores:
          - endpoint: ${url}
            monitoring:
              enabled: true
              refresh-interval: ${seconds}s
              triggers:
                - key: sentinel`,
    },
    python: {
      language: 'python',
      text: `settings = load(
    endpoint="${url}",
    credential=DefaultAzureCredential(),
    refresh_on=[WatchKey("sentinel")],
    refresh_interval=${seconds},  # seconds
)`,
    },
    javascript: {
      language: 'typescript',
      text: `const settings = await load('${url}', new DefaultAzureCredential(), {
  refreshOptions: {
    enabled: true,
    refreshIntervalInMs: ${seconds * 1_000},
    watchedSettings: [{ key: 'sentinel' }],
  },
});`,
    },
    go: {
      language: 'go',
      text: `settings, err := azureappconfiguration.Load(ctx,
	azureappconfiguration.AuthenticationOptions{Endpoint: "${url}", Credential: credential},
	&azureappconfiguration.Options{RefreshOptions: azureappconfiguration.KeyValueRefreshOptions{
		Enabled:         true,
		Interval:        ${seconds} * time.Second,
		WatchedSettings: []azureappconfiguration.WatchedSetting{{Key: "sentinel"}},
	}})`,
    },
  };
}
