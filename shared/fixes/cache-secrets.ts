import { callerId, type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { keepFor } from './what-if/keep.ts';

const KEEP_SECONDS = 3600;

/** Each process keeps what it read, refreshes it ahead of time and reads nothing twice. */
export const cacheSecrets: FixRule = {
  id: 'cache-secrets',
  invasiveness: 3,
  changesCaller: true,
  propose(context) {
    return {
      title: `Keep secrets in memory for ${KEEP_SECONDS / 60} min`,
      ...snippetFor(context, snippets(context)),
      change: keepFor(callerId(context), KEEP_SECONDS),
      settings: { seconds: KEEP_SECONDS },
      action: { id: 'client-policy', params: { lever: 'ttlSeconds', value: KEEP_SECONDS } },
    };
  },
};

function snippets(context: FixContext): Snippets {
  const url = vaultUrl(context);
  return {
    javascript: {
      language: 'typescript',
      text: `import { DefaultAzureCredential } from '@azure/identity';
import { createSecrets } from 'headroom/secrets';

// Once per process: cached, coalesced, paced, refreshed ahead of expiry.
const secrets = await createSecrets({ credential: new DefaultAzureCredential(), ttlMs: 3_600_000 });

const password = await secrets.getSecret('${url}', 'database-password');`,
    },
    net: {
      language: 'csharp',
      text: `// One client and one cache for the whole process.
static readonly SecretClient Vault = new(new Uri("${url}"), new DefaultAzureCredential());
static readonly MemoryCache Cache = new(new MemoryCacheOptions());

static async Task<string> GetSecretAsync(string name) =>
    await Cache.GetOrCreateAsync(name, async entry =>
    {
        entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(55 + 10 * Random.Shared.NextDouble());
        return (await Vault.GetSecretAsync(name)).Value.Value;
    }) ?? throw new KeyNotFoundException(name);`,
    },
    java: {
      language: 'java',
      text: `// com.github.ben-manes.caffeine:caffeine; one client and one cache for the whole process
SecretClient vault = new SecretClientBuilder()
    .vaultUrl("${url}")
    .credential(new DefaultAzureCredentialBuilder().build())
    .buildClient();
LoadingCache<String, String> secrets = Caffeine.newBuilder()
    .refreshAfterWrite(Duration.ofMinutes(50))
    .expireAfterWrite(Duration.ofMinutes(60))
    .build(name -> vault.getSecret(name).getValue());

String password = secrets.get("database-password");`,
    },
    python: {
      language: 'python',
      text: `from threading import Lock
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient
from cachetools import TTLCache, cached

vault = SecretClient("${url}", DefaultAzureCredential())  # once per process

@cached(TTLCache(maxsize=256, ttl=3600), lock=Lock())
def secret(name: str) -> str:
    return vault.get_secret(name).value`,
    },
    go: {
      language: 'go',
      text: `type kept struct {
	value string
	until time.Time
}

var mu sync.Mutex // held while reading, so that a secret is read once
var cache = map[string]kept{}

func secret(ctx context.Context, vault *azsecrets.Client, name string) (string, error) {
	mu.Lock()
	defer mu.Unlock()
	if k, ok := cache[name]; ok && time.Now().Before(k.until) {
		return k.value, nil
	}
	r, err := vault.GetSecret(ctx, name, "", nil)
	if err != nil {
		return "", err
	}
	cache[name] = kept{*r.Value, time.Now().Add(time.Hour)}
	return *r.Value, nil
}`,
    },
  };
}
