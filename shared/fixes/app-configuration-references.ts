import { callerId, type FixRule, type Snippets, snippetFor } from './fix.ts';
import { keepFor } from './what-if/keep.ts';

const REFRESH_SECONDS = 3600;

/**
 * The application loads its settings from App Configuration, whose provider resolves Key Vault references once and keeps
 * them: each instance still reads each secret once at its start.
 */
export const appConfigurationReferences: FixRule = {
  id: 'app-configuration-references',
  invasiveness: 3,
  changesCaller: true,
  propose(context) {
    return {
      title: 'Read through App Configuration',
      ...snippetFor(context, SNIPPETS),
      change: keepFor(callerId(context), REFRESH_SECONDS),
      settings: { seconds: REFRESH_SECONDS },
    };
  },
};

const SNIPPETS: Snippets = {
  javascript: {
    language: 'typescript',
    text: `import { load } from '@azure/app-configuration-provider';
import { DefaultAzureCredential } from '@azure/identity';

const credential = new DefaultAzureCredential();
const settings = await load('https://<store>.azconfig.io', credential, {
  keyVaultOptions: { credential, secretRefreshIntervalInMs: 3_600_000 },
});
const password = settings.get('database-password');`,
  },
  net: {
    language: 'csharp',
    text: `var credential = new DefaultAzureCredential();
builder.Configuration.AddAzureAppConfiguration(options => options
    .Connect(new Uri("https://<store>.azconfig.io"), credential)
    .ConfigureKeyVault(vault =>
    {
        vault.SetCredential(credential);
        vault.SetSecretRefreshInterval(TimeSpan.FromHours(1));
    }));`,
  },
  java: {
    language: 'yaml',
    text: `# application.yml, with com.azure.spring:spring-cloud-azure-starter-appconfiguration-config
spring:
  config:
    import: azureAppConfiguration
  cloud:
    azure:
      appconfiguration:
        stores:
          - endpoint: https://<store>.azconfig.io`,
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
)
password = settings["database-password"]`,
  },
  go: {
    language: 'go',
    text: `// github.com/Azure/AppConfiguration-GoProvider/azureappconfiguration
settings, err := azureappconfiguration.Load(ctx,
	azureappconfiguration.AuthenticationOptions{Endpoint: "https://<store>.azconfig.io", Credential: credential},
	&azureappconfiguration.Options{KeyVaultOptions: azureappconfiguration.KeyVaultOptions{Credential: credential}})`,
  },
};
