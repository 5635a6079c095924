import type { AppConfigurationClientOptions } from '@azure/app-configuration';
import type { SecretClientOptions } from '@azure/keyvault-secrets';
import type { SecretsClock } from './clock.ts';
import type { Selector, Store } from './configuration-source.ts';
import { clean } from './errors.ts';
import type { Meter } from './meter.ts';
import type { SecretsEvent } from './telemetry.ts';
import type { TokenCredential } from './token.ts';

export type SecretsOptions = {
  /** App Configuration: replicas in order of preference. With neither this nor a connection string, vaults alone are served. */
  endpoints?: readonly string[];
  /** App Configuration by access key, in place of `endpoints`. */
  connectionString?: string;
  /** Identity for App Configuration and the vaults. May be left out only with a connection string and no references. */
  credential?: TokenCredential;
  /** What to load; later ones win. Default: everything without a label. */
  selectors?: readonly Selector[];
  /** Whose fleet-wide levers to obey. Needed with `leversEndpoint`. */
  app?: string;
  /** The lever store: an endpoint, or a connection string. */
  leversEndpoint?: string;
  /** How often a secret is read again, ms. 1,000 to 86,400,000; default 3,600,000. */
  ttlMs?: number;
  /** How long after it was read a secret is served when it cannot be read again, ms. At least 0; default 86,400,000. */
  staleIfErrorMs?: number;
  /** How often to look for changes, ms. At least 30,000; default by `fleetSize`, at least 30,000. */
  refreshIntervalMs?: number;
  /** How many processes share the vault and the store, all applications together: a first guess of the fair share. */
  fleetSize?: number;
  /** What a vault serves in 10 s, of which each of `fleetSize` takes its part. 1 to 1,000,000; default 2,000. */
  vaultRequestsPer10Seconds?: number;
  /** Keys without which `createSecrets` rejects. */
  required?: readonly string[];
  appConfigurationClientOptions?: AppConfigurationClientOptions;
  vaultClientOptions?: SecretClientOptions;
  clock?: SecretsClock;
  /** Uniform in [0, 1). */
  random?: () => number;
  /** Of @opentelemetry/api. */
  meter?: Meter;
  onEvent?: (event: SecretsEvent) => void;
};

export type ValidOptions = Omit<SecretsOptions, 'endpoints' | 'connectionString' | 'leversEndpoint'> & {
  stores: Store[];
  leverStore: Store | undefined;
  selectors: readonly Selector[];
  ttlMs: number;
  staleIfErrorMs: number;
  vaultRequestsPer10Seconds: number;
  required: readonly string[];
};

/** Of all options: a name that is none of them is a slip that would go unnoticed. */
const NAMES: Record<keyof SecretsOptions, true> = {
  endpoints: true,
  connectionString: true,
  credential: true,
  selectors: true,
  app: true,
  leversEndpoint: true,
  ttlMs: true,
  staleIfErrorMs: true,
  refreshIntervalMs: true,
  fleetSize: true,
  vaultRequestsPer10Seconds: true,
  required: true,
  appConfigurationClientOptions: true,
  vaultClientOptions: true,
  clock: true,
  random: true,
  meter: true,
  onEvent: true,
};

const DAY_MS = 86_400_000;
/**
 * The older and lower of the limits that were published for secrets (the newer is 4,000): a fleet that trusts a limit too high
 * is refused, one that trusts a limit too low merely starts slower.
 * @see https://learn.microsoft.com/azure/key-vault/general/service-limits
 */
const VAULT_REQUESTS_PER_10_SECONDS = 2_000;

/** @throws TypeError or RangeError that names the option and the bound */
export function validateOptions(options: SecretsOptions): ValidOptions {
  const { endpoints = [], connectionString, leversEndpoint, credential, app } = options;
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(NAMES, name));
  if (unknown !== undefined)
    throw new TypeError(`there is no option '${clean(unknown)}'; there are ${Object.keys(NAMES).join(', ')}`);
  if (connectionString !== undefined && endpoints.length > 0) {
    throw new TypeError('connectionString and endpoints exclude each other: give one');
  }
  const stores =
    connectionString === undefined
      ? endpoints.map((text) => openStore('endpoints', text))
      : [openStore('connectionString', connectionString)];
  const leverStore = leversEndpoint === undefined ? undefined : openStore('leversEndpoint', leversEndpoint);
  if (leverStore !== undefined && app === undefined)
    throw new TypeError('leversEndpoint needs app: whose levers to obey');
  if (app !== undefined && !/^[\w.-]{1,100}$/.test(app)) {
    throw new TypeError('app must be 1 to 100 letters, digits, dots, underscores or dashes');
  }
  const needing = [...stores, ...(leverStore === undefined ? [] : [leverStore])].find(
    (store) => store.connectionString === undefined,
  );
  if (needing !== undefined && credential === undefined)
    throw new TypeError(`credential is needed for ${needing.endpoint}`);

  const ttlMs = bounded('ttlMs', options.ttlMs ?? 3_600_000, 1_000, DAY_MS);
  const staleIfErrorMs = bounded('staleIfErrorMs', options.staleIfErrorMs ?? DAY_MS, 0, 30 * DAY_MS);
  if (options.refreshIntervalMs !== undefined) bounded('refreshIntervalMs', options.refreshIntervalMs, 30_000, DAY_MS);
  if (options.fleetSize !== undefined) bounded('fleetSize', options.fleetSize, 1, 1_000_000);
  const vaultRequestsPer10Seconds = bounded(
    'vaultRequestsPer10Seconds',
    options.vaultRequestsPer10Seconds ?? VAULT_REQUESTS_PER_10_SECONDS,
    1,
    1_000_000,
  );
  const required = options.required ?? [];
  if (required.length > 0 && stores.length === 0)
    throw new TypeError('required names App Configuration keys: give endpoints or connectionString');
  const selectors = options.selectors ?? [{ keyFilter: '*' }];
  for (const [index, selector] of selectors.entries()) {
    if (typeof selector.keyFilter !== 'string' || selector.keyFilter === '')
      throw new TypeError(`selectors[${index}].keyFilter must be a text that is not empty`);
  }
  return { ...options, stores, leverStore, selectors, ttlMs, staleIfErrorMs, vaultRequestsPer10Seconds, required };
}

function bounded(name: string, value: number, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max))
    throw new RangeError(`${name} must be a number from ${min} to ${max}`);
  return value;
}

/** The text itself is never quoted: a connection string holds a secret. */
function openStore(name: string, text: string): Store {
  const endpoint = /^Endpoint=([^;]+);/.exec(text)?.[1];
  if (endpoint !== undefined) return { endpoint: originOf(name, endpoint), connectionString: text };
  if (name === 'connectionString') throw new TypeError('connectionString must read Endpoint=…;Id=…;Secret=…');
  const origin = originOf(name, text);
  if (!origin.startsWith('https:')) throw new TypeError(`${name} must be https addresses`);
  return { endpoint: origin };
}

function originOf(name: string, text: string): string {
  if (!URL.canParse(text)) throw new TypeError(`${name} holds no address`);
  return new URL(text).origin;
}
