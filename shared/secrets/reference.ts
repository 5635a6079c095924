/** What an App Configuration key-value is to us. */
export type SettingKind = 'plain' | 'reference' | 'skipped';

export type SecretId = { origin: string; name: string; version: string | undefined };

const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json';
const FEATURE_FLAG = 'application/vnd.microsoft.appconfig.ff+json';
const FEATURE_FLAG_PREFIX = '.appconfig.featureflag/';
const SNAPSHOT_PROFILE = 'https://azconfig.io/mime-profiles/snapshot-ref';
const URI_CHARACTERS = 2_048;

/**
 * Tells by media type, not by the whole text: the SDK's own guard compares the whole, and a space after the semicolon breaks it.
 */
export function kindOf(key: string, contentType: string | null | undefined): SettingKind {
  const [media = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const type = media.trim();
  if (type === REFERENCE) return 'reference';
  if (type === FEATURE_FLAG || key.startsWith(FEATURE_FLAG_PREFIX)) return 'skipped';
  if (parameters.some((parameter) => parameter.includes(SNAPSHOT_PROFILE))) return 'skipped';
  return 'plain';
}

/** The secret that a reference's value names, or why it names none. */
export function parseReference(value: string): { ok: true; id: SecretId } | { ok: false; why: string; uri?: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return { ok: false, why: 'its value is not JSON' };
  }
  const uri = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'uri') : undefined;
  if (typeof uri !== 'string') return { ok: false, why: 'its value has no uri' };
  const id = parseSecretId(uri);
  return typeof id === 'string' ? { ok: false, why: id, uri } : { ok: true, id };
}

/** A secret's identifier, or a sentence that says what is wrong with it. */
function parseSecretId(uri: string): SecretId | string {
  if (uri.length > URI_CHARACTERS) return 'its uri is too long';
  const origin = parseVaultUrl(uri);
  if (origin === null) return 'its uri is not an https address of a vault';
  const url = new URL(uri);
  const path = /^\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-zA-Z]{1,64}))?\/?$/.exec(url.pathname);
  if (path?.[1] === undefined) return 'its uri does not read https://<vault>/secrets/<name>[/<version>]';
  return { origin, name: path[1], version: path[2] };
}

/** The origin of a vault's address; null when it is none. */
export function parseVaultUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.origin : null;
}

export function formatSecretId(id: SecretId): string {
  return `${id.origin}/secrets/${id.name}${id.version === undefined ? '' : `/${id.version}`}`;
}

const VAULT_DOMAINS = ['vault.azure.net', 'vault.usgovcloudapi.net', 'vault.azure.cn', 'vault.microsoftazure.de'];

/** The scope of the token that a vault asks for. Unknown hosts (emulators, private clouds) get the public cloud's. */
export function tokenScopeOf(origin: string): string {
  const host = new URL(origin).hostname;
  const domain = VAULT_DOMAINS.find((known) => host.endsWith(`.${known}`)) ?? VAULT_DOMAINS[0];
  return `https://${domain}/.default`;
}
