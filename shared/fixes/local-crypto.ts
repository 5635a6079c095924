import { callerId, type FixContext, type FixRule, type Snippets, snippetFor, vaultUrl } from './fix.ts';
import { calculateLocally } from './what-if/thin.ts';

/** Below this share of its key operations there is too little that a process can do by itself. */
const LOCAL_SHARE_MIN = 0.3;

/** Key operations run in the process: with the public key, or with a data key that was unwrapped once and kept. */
export const localCrypto: FixRule = {
  id: 'local-crypto',
  invasiveness: 3,
  changesCaller: true,
  propose(context) {
    const caller = callerId(context);
    const share = context.whatIf?.habitsOf(caller)?.localShare ?? null;
    // A signature needs the private key, which never leaves the vault: nothing of it can be spared.
    if (share !== null && share < LOCAL_SHARE_MIN) return null;
    return {
      title: 'Calculate in the process',
      ...snippetFor(context, snippets(context)),
      change: calculateLocally(caller),
    };
  },
};

/** Verifying, encrypting and wrapping need the public key alone; a data key is unwrapped once and kept. */
function snippets(context: FixContext): Snippets {
  const url = vaultUrl(context);
  return {
    javascript: {
      language: 'typescript',
      text: `import { DefaultAzureCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';

const credential = new DefaultAzureCredential();
// Once per process. With the public key at hand verify, encrypt and wrap never ask the vault.
const key = await new KeyClient('${url}', credential).getKey('<key>');
const crypto = new CryptographyClient(key, credential);

const dataKeys = new Map<string, Promise<Uint8Array>>();
export function dataKey(wrapped: Uint8Array): Promise<Uint8Array> {
  const id = Buffer.from(wrapped).toString('base64');
  const known = dataKeys.get(id) ?? crypto.unwrapKey('RSA-OAEP-256', wrapped).then(({ result }) => result);
  dataKeys.set(id, known);
  known.catch(() => dataKeys.delete(id));
  return known; // encrypt and decrypt with it by node:crypto
}`,
    },
    net: {
      language: 'csharp',
      text: `// Once per process: it fetches the public key at first use; verify, encrypt and wrap then never ask the vault.
static readonly CryptographyClient Crypto = new(new Uri("${url}/keys/<key>"), new DefaultAzureCredential());
static readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> DataKeys = new();

// Each data key is unwrapped once; encrypt and decrypt with it by AesGcm.
static Task<byte[]> DataKeyAsync(byte[] wrapped) =>
    DataKeys.GetOrAdd(Convert.ToBase64String(wrapped), _ => new(async () =>
        (await Crypto.UnwrapKeyAsync(KeyWrapAlgorithm.RsaOaep256, wrapped)).Key)).Value;`,
    },
    java: {
      language: 'java',
      text: `// Once per process: it fetches the public key at first use; verify, encrypt and wrap then never ask the vault.
CryptographyClient crypto = new CryptographyClientBuilder()
    .keyIdentifier("${url}/keys/<key>")
    .credential(new DefaultAzureCredentialBuilder().build())
    .buildClient();

// com.github.ben-manes.caffeine:caffeine; each data key is unwrapped once, then used by javax.crypto.
LoadingCache<ByteBuffer, byte[]> dataKeys = Caffeine.newBuilder()
    .maximumSize(10_000)
    .build(wrapped -> crypto.unwrapKey(KeyWrapAlgorithm.RSA_OAEP_256, wrapped.array()).getKey());`,
    },
    python: {
      language: 'python',
      text: `from functools import lru_cache
from azure.identity import DefaultAzureCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, KeyWrapAlgorithm

credential = DefaultAzureCredential()
# Once per process. With the public key at hand verify, encrypt and wrap never ask the vault.
crypto = CryptographyClient(KeyClient("${url}", credential).get_key("<key>"), credential)

@lru_cache(maxsize=10_000)  # each data key is unwrapped once
def data_key(wrapped: bytes) -> bytes:
    return crypto.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped).key`,
    },
    go: {
      language: 'go',
      text: `// Once per process: the public key; rsa.VerifyPSS and rsa.EncryptOAEP then never ask the vault.
func publicKey(ctx context.Context, keys *azkeys.Client, name string) (*rsa.PublicKey, error) {
	read, err := keys.GetKey(ctx, name, "", nil)
	if err != nil {
		return nil, err
	}
	exponent := new(big.Int).SetBytes(read.Key.E)
	return &rsa.PublicKey{N: new(big.Int).SetBytes(read.Key.N), E: int(exponent.Int64())}, nil
}

var dataKeys sync.Map // wrapped -> data key: each is unwrapped once

func dataKey(ctx context.Context, keys *azkeys.Client, name string, wrapped []byte) ([]byte, error) {
	if known, ok := dataKeys.Load(string(wrapped)); ok {
		return known.([]byte), nil
	}
	parameters := azkeys.KeyOperationParameters{Algorithm: to.Ptr(azkeys.EncryptionAlgorithmRSAOAEP256), Value: wrapped}
	read, err := keys.UnwrapKey(ctx, name, "", parameters, nil)
	if err == nil {
		dataKeys.Store(string(wrapped), read.Result)
	}
	return read.Result, err
}`,
    },
  };
}
