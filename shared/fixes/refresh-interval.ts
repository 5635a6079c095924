import { callerId, durationText, type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { readEvery } from './what-if/poll.ts';

/** Intervals that are tried, shortest first: what was rotated should not be read later than it must. */
const INTERVALS_S = [300, 900, 1800, 3600] as const;
/** The longest; and where the load could not be replayed. */
const USUAL_INTERVAL_S = 3600;
/** An interval is long enough when a longer one would leave fewer refusals by no more than this share of them. */
const LEFT_SHARE = 0.01;

/** What polls reads its whole set less often. */
export const refreshInterval: FixRule = {
  id: 'refresh-interval',
  invasiveness: 1,
  changesCaller: true,
  propose(context) {
    const seconds = shortestInterval(context);
    return {
      title: `Read every ${durationText(seconds)} only`,
      ...snippetFor(context, snippets(context, seconds)),
      change: readEvery(callerId(context), seconds),
      settings: { seconds },
      action: { id: 'client-policy', params: { lever: 'ttlSeconds', value: seconds } },
    };
  },
};

function shortestInterval(context: FixContext): number {
  const { whatIf } = context;
  if (whatIf === null) return USUAL_INTERVAL_S;
  const leftBy = (seconds: number): number => {
    const { throttledBefore, throttledAfter } = whatIf.predict(readEvery(callerId(context), seconds));
    return throttledAfter / Math.max(1, throttledBefore);
  };
  // Where polling began with a round of all at once, no interval undoes that.
  const least = leftBy(USUAL_INTERVAL_S);
  return INTERVALS_S.find((seconds) => leftBy(seconds) <= least + LEFT_SHARE) ?? USUAL_INTERVAL_S;
}

/** @see https://learn.microsoft.com/azure/aks/csi-secrets-store-configuration-options (rotation-poll-interval) */
function snippets(context: FixContext, seconds: number): Snippets {
  const minutes = seconds / 60;
  const url = vaultUrl(context);
  return {
    'csi-driver': {
      language: 'bash',
      text: `# AKS add-on; the default is every 2 min, for each mounted volume.
az aks addon update --resource-group <group> --name <cluster> \\
  --addon azure-keyvault-secrets-provider \\
  --enable-secret-rotation --rotation-poll-interval ${minutes}m
# Installed with Helm instead:
helm upgrade csi-secrets-store secrets-store-csi-driver/secrets-store-csi-driver \\
  --namespace kube-system --reuse-values --set rotationPollInterval=${minutes}m`,
    },
    'external-secrets': {
      language: 'yaml',
      text: `apiVersion: external-secrets.io/v1
kind: ExternalSecret
spec:
  refreshInterval: ${minutes}m # each refresh reads every key of this object again
  # CreatedOnce reads once, and again only when the object is made anew:
  # refreshPolicy: CreatedOnce`,
    },
    'app-service': {
      language: 'bash',
      text: `# App Service reads references again once a day by itself, and all of them at each restart or change of a setting.
# Change settings together, so that they are read once:
az webapp config appsettings set --resource-group <group> --name <app> --settings @settings.json`,
    },
    net: {
      language: 'csharp',
      text: `// Azure.Extensions.AspNetCore.Configuration.Secrets lists the vault and reads it whole at each reload.
builder.Configuration.AddAzureKeyVault(
    new Uri("${url}"),
    new DefaultAzureCredential(),
    new AzureKeyVaultConfigurationOptions { ReloadInterval = TimeSpan.FromMinutes(${minutes}) });`,
    },
    java: {
      language: 'yaml',
      text: `# application.yml, with com.azure.spring:spring-cloud-azure-starter-keyvault-secrets
spring:
  cloud:
    azure:
      keyvault:
        secret:
          property-sources:
            - endpoint: ${url}
              refresh-interval: ${minutes}m`,
    },
    python: {
      language: 'python',
      text: `from azure.appconfiguration.provider import load
from azure.identity import DefaultAzureCredential

credential = DefaultAzureCredential()
settings = load(
    endpoint="https://<store>.azconfig.io",
    credential=credential,
    keyvault_credential=credential,
    secret_refresh_interval=${seconds},  # seconds; in a loop of your own, the sleep
)`,
    },
    javascript: {
      language: 'typescript',
      text: `import { load } from '@azure/app-configuration-provider';
import { DefaultAzureCredential } from '@azure/identity';

const credential = new DefaultAzureCredential();
const settings = await load('https://<store>.azconfig.io', credential, {
  // Milliseconds; in a loop of your own, the pause.
  keyVaultOptions: { credential, secretRefreshIntervalInMs: ${seconds * 1000} },
});
const password = settings.get('database-password');`,
    },
    go: {
      language: 'go',
      text: `// github.com/Azure/AppConfiguration-GoProvider/azureappconfiguration; in a loop of your own, the ticker
settings, err := azureappconfiguration.Load(ctx,
	azureappconfiguration.AuthenticationOptions{Endpoint: "https://<store>.azconfig.io", Credential: credential},
	&azureappconfiguration.Options{KeyVaultOptions: azureappconfiguration.KeyVaultOptions{
		Credential:     credential,
		RefreshOptions: azureappconfiguration.RefreshOptions{Enabled: true, Interval: ${minutes} * time.Minute},
	}})`,
    },
  };
}
