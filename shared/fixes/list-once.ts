import { callerId, type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { readNoneTwice } from './what-if/thin.ts';

/** What is needed is read; what has not changed since the last list is not. */
export const listOnce: FixRule = {
  id: 'list-once',
  invasiveness: 2,
  changesCaller: true,
  propose(context) {
    return {
      title: 'Read only what changed',
      ...snippetFor(context, snippets(context)),
      change: readNoneTwice(callerId(context)),
    };
  },
};

function snippets(context: FixContext): Snippets {
  const url = vaultUrl(context);
  return {
    javascript: {
      language: 'typescript',
      text: `import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

const vault = new SecretClient('${url}', new DefaultAzureCredential());
const known = new Map<string, { updated: number; value: string | undefined }>();

export async function reload(): Promise<void> {
  // A list names 25 secrets a request and says when each was changed.
  for await (const { name, updatedOn, enabled } of vault.listPropertiesOfSecrets()) {
    const updated = updatedOn?.getTime() ?? 0;
    if (enabled === false || known.get(name)?.updated === updated) continue;
    known.set(name, { updated, value: (await vault.getSecret(name)).value });
  }
}`,
    },
    net: {
      language: 'csharp',
      text: `readonly Dictionary<string, (DateTimeOffset? Updated, string Value)> known = new();

async Task ReloadAsync(SecretClient vault)
{
    // A list names 25 secrets a request and says when each was changed.
    await foreach (var secret in vault.GetPropertiesOfSecretsAsync())
    {
        if (secret.Enabled == false) continue;
        if (known.TryGetValue(secret.Name, out var kept) && kept.Updated == secret.UpdatedOn) continue;
        known[secret.Name] = (secret.UpdatedOn, (await vault.GetSecretAsync(secret.Name)).Value.Value);
    }
}`,
    },
    java: {
      language: 'java',
      text: `record Kept(OffsetDateTime updated, String value) {}
final Map<String, Kept> known = new ConcurrentHashMap<>();

void reload(SecretClient vault) {
    // A list names 25 secrets a request and says when each was changed.
    for (SecretProperties secret : vault.listPropertiesOfSecrets()) {
        Kept kept = known.get(secret.getName());
        if (!secret.isEnabled() || kept != null && kept.updated().equals(secret.getUpdatedOn())) continue;
        known.put(secret.getName(), new Kept(secret.getUpdatedOn(), vault.getSecret(secret.getName()).getValue()));
    }
}`,
    },
    python: {
      language: 'python',
      text: `known = {}

def reload(vault):
    # A list names 25 secrets a request and says when each was changed.
    for secret in vault.list_properties_of_secrets():
        kept = known.get(secret.name)
        if not secret.enabled or (kept is not None and kept[0] == secret.updated_on):
            continue
        known[secret.name] = (secret.updated_on, vault.get_secret(secret.name).value)`,
    },
    go: {
      language: 'go',
      text: `type kept struct {
	updated time.Time
	value   string
}

func reload(ctx context.Context, vault *azsecrets.Client, known map[string]kept) error {
	for pager := vault.NewListSecretPropertiesPager(nil); pager.More(); { // 25 secrets a request
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, secret := range page.Value {
			name, updated := secret.ID.Name(), *secret.Attributes.Updated
			if known[name].updated.Equal(updated) || !*secret.Attributes.Enabled {
				continue
			}
			read, err := vault.GetSecret(ctx, name, "", nil)
			if err != nil {
				return err
			}
			known[name] = kept{updated, *read.Value}
		}
	}
	return nil
}`,
    },
  };
}
