/** Which client library speaks, told from what it calls itself. */
export type ClientLanguage = 'net' | 'java' | 'python' | 'javascript' | 'go';

const MARKS: readonly { language: ClientLanguage; mark: RegExp }[] = [
  { language: 'net', mark: /azsdk-net|\.net\b|fxversion/i },
  { language: 'java', mark: /azsdk-java|\bjava\b/i },
  { language: 'python', mark: /azsdk-python|\bpython\//i },
  { language: 'javascript', mark: /azsdk-js|\bnode(?:\.js)?[/ ]/i },
  { language: 'go', mark: /azsdk-go|go-autorest|\bgo1\./i },
];

/** The language of a client string such as `azsdk-net-Security.KeyVault.Secrets/4.7.0 (…)`; null when it does not say. */
export function clientLanguage(client: string | null | undefined): ClientLanguage | null {
  if (client === null || client === undefined) return null;
  return MARKS.find(({ mark }) => mark.test(client))?.language ?? null;
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
  go: { waitsMs: [800, 1600, 3200], source: 'azcore policy.RetryOptions' },
};
