/** Which client library speaks, told from what it calls itself. */
export type ClientLanguage = 'net' | 'java' | 'python' | 'javascript' | 'go';

/** Who reads on behalf of an application, where that is not the application's own code. */
type Reader = 'csi-driver' | 'external-secrets' | 'app-service' | 'portal' | 'microsoft-service';

export type Client = ClientLanguage | Reader;

/** Readers are libraries underneath, so they are looked for first. */
const MARKS: readonly { client: Client; mark: RegExp }[] = [
  { client: 'csi-driver', mark: /csi-secrets-store|secrets-store-csi/i },
  { client: 'external-secrets', mark: /external-secrets/i },
  // Nothing public says what App Service's references call themselves; these are names of its parts.
  { client: 'app-service', mark: /\b(?:appservice|app-service|azurewebsites|antares)\b/i },
  { client: 'microsoft-service', mark: /\bazure-resource-manager\/|\bAzureStorage\//i },
  // A browser: the portal asks the vault from the page itself.
  { client: 'portal', mark: /^Mozilla\/5\.0\b/ },
  { client: 'net', mark: /azsdk-net|\.net\b|fxversion/i },
  { client: 'java', mark: /azsdk-java|\bjava\b/i },
  { client: 'python', mark: /azsdk-python|\bpython\//i },
  { client: 'javascript', mark: /azsdk-js|\bnode(?:\.js)?[/ ]/i },
  { client: 'go', mark: /azsdk-go|go-autorest|\bgo1\./i },
];

const LANGUAGE_OF: Readonly<Record<Client, ClientLanguage | null>> = {
  net: 'net',
  java: 'java',
  python: 'python',
  javascript: 'javascript',
  go: 'go',
  'csi-driver': 'go',
  'external-secrets': 'go',
  'app-service': 'net',
  portal: null,
  'microsoft-service': null,
};

/** Whose string it is, such as `azsdk-net-Security.KeyVault.Secrets/4.7.0 (…)`; null when it does not say. */
export function clientOf(info: string | null | undefined): Client | null {
  if (info === null || info === undefined) return null;
  return MARKS.find(({ mark }) => mark.test(info))?.client ?? null;
}

/** The language of the library that asks, whoever uses it; null when it does not say. */
export function clientLanguage(info: string | null | undefined): ClientLanguage | null {
  const client = clientOf(info);
  return client === null ? null : LANGUAGE_OF[client];
}

/** How a reader calls it. */
export const LANGUAGE_NAMES: Readonly<Record<ClientLanguage, string>> = {
  net: '.NET',
  java: 'Java',
  python: 'Python',
  javascript: 'JavaScript',
  go: 'Go',
};

/** Milliseconds before each retry of a 429 that carries no Retry-After; then the client gives up. */
export type RetryDefault = { waitsMs: readonly number[]; source: string };

/** What the Azure client libraries do unless told otherwise (field-notes 5). */
export const RETRY_DEFAULTS: Readonly<Record<ClientLanguage, RetryDefault>> = {
  net: { waitsMs: [800, 1600, 3200], source: 'Azure.Core RetryOptions' },
  java: { waitsMs: [800, 1600, 3200], source: 'azure-core ExponentialBackoff' },
  python: {
    waitsMs: [0, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400, 120_000, 120_000],
    source: 'azure-core RetryPolicy',
  },
  javascript: { waitsMs: [], source: 'core-rest-pipeline throttlingRetryStrategy' },
  go: { waitsMs: [800, 2400, 5600], source: 'azcore policy_retry.go: (2^n - 1) * RetryDelay' },
};
