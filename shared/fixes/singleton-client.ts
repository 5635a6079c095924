import { type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';

/** One client for the whole process: challenges and tokens are spared, reads are not, so nothing is predicted. */
export const singletonClient: FixRule = {
  id: 'singleton-client',
  invasiveness: 2,
  changesCaller: true,
  propose(context) {
    return { title: 'Make one client per process', ...snippetFor(context, snippets(context)), change: null };
  },
};

function snippets(context: FixContext): Snippets {
  const url = vaultUrl(context);
  return {
    javascript: {
      language: 'typescript',
      text: `import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

// In a module of its own, made when it is first imported and never again.
export const vault = new SecretClient('${url}', new DefaultAzureCredential());`,
    },
    net: {
      language: 'csharp',
      text: `// Microsoft.Extensions.Azure; have SecretClient injected, never made anew.
builder.Services.AddAzureClients(clients =>
{
    clients.AddSecretClient(new Uri("${url}"));
    clients.UseCredential(new DefaultAzureCredential());
});`,
    },
    java: {
      language: 'java',
      text: `@Bean // one for the application; safe for use by many threads
SecretClient vault() {
    return new SecretClientBuilder()
        .vaultUrl("${url}")
        .credential(new DefaultAzureCredentialBuilder().build())
        .buildClient();
}`,
    },
    python: {
      language: 'python',
      text: `from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

# At the top of a module, not inside a function: imported once, made once.
vault = SecretClient("${url}", DefaultAzureCredential())`,
    },
    go: {
      language: 'go',
      text: `// One for the process; safe for use by many goroutines.
var vault = sync.OnceValues(func() (*azsecrets.Client, error) {
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, err
	}
	return azsecrets.NewClient("${url}", credential, nil)
})`,
    },
  };
}
