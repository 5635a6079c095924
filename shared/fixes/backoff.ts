import { callerId, type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { waitAsAdvised } from './what-if/change.ts';

/** Waits grow from try to try and are spread by chance, and no loop stands around the client that asks again at once. */
export const backoff: FixRule = {
  id: 'backoff',
  invasiveness: 2,
  changesCaller: true,
  propose(context) {
    return {
      title: 'Wait 1, 2, 4, 8, 16 s with jitter',
      ...snippetFor(context, snippets(context)),
      change: waitAsAdvised(callerId(context)),
    };
  },
};

function snippets(context: FixContext): Snippets {
  const url = vaultUrl(context);
  return {
    javascript: {
      language: 'typescript',
      // Key Vault sends no Retry-After, and without it this client hands a 429 straight back.
      text: `import { DefaultAzureCredential } from '@azure/identity';
import { createSecrets } from 'headroom/secrets';

// The Azure client does not retry a 429 from Key Vault at all. This one waits 1, 2, 4, 8, 16 s with full
// jitter and paces the whole process: take your own retry loop out.
const secrets = await createSecrets({ credential: new DefaultAzureCredential() });

const password = await secrets.getSecret('${url}', 'database-password');`,
    },
    net: {
      language: 'csharp',
      text: `// Take your own retry loop out: the client waits by itself.
var options = new SecretClientOptions();
options.Retry.Mode = RetryMode.Exponential; // with jitter
options.Retry.Delay = TimeSpan.FromSeconds(1);
options.Retry.MaxDelay = TimeSpan.FromSeconds(16);
options.Retry.MaxRetries = 5;
var vault = new SecretClient(new Uri("${url}"), new DefaultAzureCredential(), options);`,
    },
    java: {
      language: 'java',
      text: `// Take your own retry loop out: the client waits by itself.
SecretClient vault = new SecretClientBuilder()
    .vaultUrl("${url}")
    .credential(new DefaultAzureCredentialBuilder().build())
    .retryOptions(new RetryOptions(new ExponentialBackoffOptions()
        .setMaxRetries(5)
        .setBaseDelay(Duration.ofSeconds(1))
        .setMaxDelay(Duration.ofSeconds(16))))
    .buildClient();`,
    },
    python: {
      language: 'python',
      text: `# Take your own retry loop out: the client waits by itself.
vault = SecretClient(
    "${url}",
    DefaultAzureCredential(),
    retry_total=5,
    retry_backoff_factor=1,
    retry_backoff_max=16,
)`,
    },
    go: {
      language: 'go',
      text: `// Take your own retry loop out: the client waits by itself.
vault, err := azsecrets.NewClient("${url}", credential, &azsecrets.ClientOptions{
	ClientOptions: azcore.ClientOptions{
		Retry: policy.RetryOptions{
			MaxRetries:    5,
			RetryDelay:    time.Second,
			MaxRetryDelay: 16 * time.Second,
		},
	},
})`,
    },
  };
}
