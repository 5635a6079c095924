import type { BreakerState } from '../pacing/breaker.ts';
import { isBundleType, readBundle } from './bundle.ts';
import { createTiming } from './clock.ts';
import { createConfigurationPace } from './configuration-pace.ts';
import { createRefresher } from './configuration-refresher.ts';
import { createConfigurationSource, type LoadResult, type Setting } from './configuration-source.ts';
import { type Entry, toEntry } from './entry.ts';
import { clean, isSecretsError, SecretsError } from './errors.ts';
import { applyLevers } from './lever-desk.ts';
import { LEVER_NAMES, leverKey } from './levers.ts';
import { type SecretsOptions, validateOptions } from './options.ts';
import { parseVaultUrl } from './reference.ts';
import { createSecretStore } from './secret-store.ts';
import type { Slot } from './slot.ts';
import { type Counters, createTelemetry } from './telemetry.ts';
import { guardCredential, type TokenCredential } from './token.ts';
import { createVaultLanes } from './vault-lanes.ts';

export type SecretsStats = Counters & {
  cached: number;
  /** `ratePerSecond` is null until a limit has been felt. */
  vaults: Record<string, { ratePerSecond: number | null; breaker: BreakerState }>;
};

export type Secrets = {
  /**
   * The value of an App Configuration key: plain, or the secret that it refers to; or `Bundle:Key`, a part of a secret that
   * holds a JSON object. From memory once loaded.
   * Rejects with `SecretsError` of kind `not-found`, `forbidden`, `bad-reference` or `unavailable`.
   */
  get(key: string): Promise<string>;
  /** A secret straight from a vault, through the same cache and pacer. */
  getSecret(vaultUrl: string, name: string, version?: string): Promise<string>;
  /** The App Configuration keys that are loaded, and whether each is a Key Vault reference; null before the first load. */
  keys(): ReadonlyMap<string, 'plain' | 'reference'> | null;
  /** Reads every referenced secret; never rejects, a key that fails is in `failed`. */
  preload(): Promise<{ ready: number; failed: SecretsError[] }>;
  stats(): SecretsStats;
  close(): Promise<void>;
};

/** A part of a bundle, good as long as its slot holds the same promise. */
type Part = { slot: Slot; of: Promise<string>; promise: Promise<string> };

const MAX_PARTS = 10_000;
const LEVERS_AT_START_MS = 5_000;
const NULL_CREDENTIAL: TokenCredential = {
  getToken: () => Promise.reject(new Error('no credential was given')),
};

/**
 * Secrets through App Configuration and Key Vault: cached, coalesced, paced and breaker-guarded.
 *
 * Resolves once the key-values are loaded and `required` ones are read. When App Configuration cannot be reached it rejects
 * if keys are required, and otherwise resolves and goes on trying: until then `get` rejects with kind `unavailable`.
 *
 * @throws TypeError or RangeError for wrong options; `SecretsError` for required keys
 */
export async function createSecrets(given: SecretsOptions): Promise<Secrets> {
  const options = validateOptions(given);
  const timing = createTiming(options.clock);
  const random = options.random ?? Math.random;
  const credential = guardCredential(options.credential ?? NULL_CREDENTIAL, timing, random);
  const telemetry = createTelemetry(options.meter, options.onEvent, {
    cached: () => store.cached(),
    *vaults() {
      for (const lane of lanes.all())
        yield { vault: lane.origin, breaker: lane.breaker(), ratePerSecond: lane.ratePerSecond() };
    },
  });
  const { counters } = telemetry;
  const lanes = createVaultLanes(options, { credential, timing, random, telemetry });
  const store = createSecretStore({
    ttlMs: options.ttlMs,
    staleIfErrorMs: options.staleIfErrorMs,
    timing,
    random,
    telemetry,
    laneOf: lanes.of,
  });

  let entries = new Map<string, Entry>();
  let parts = new Map<string, Part>();
  let loaded = options.stores.length === 0;
  let loadError: unknown;

  const readSetting = (setting: Setting): Entry => {
    const entry = toEntry(setting, store.slots.of);
    const { key, label } = setting;
    if (entry.kind === 'broken')
      telemetry.emit({ type: 'bad-reference', at: timing.now(), key, label, error: entry.error });
    return entry;
  };

  const accept = (result: LoadResult & { kind: 'loaded' }): void => {
    if (result.changed) {
      const before = entries;
      entries = new Map([...result.settings].map(([key, setting]) => [key, readSetting(setting)]));
      parts = new Map();
      store.slots.retain(
        new Set([...entries.values()].flatMap((entry) => (entry.kind === 'reference' ? entry.slot : []))),
      );
      // Who has read a key will read it again: fetch what it refers to now before they do.
      for (const [key, entry] of entries) {
        const old = before.get(key);
        const used = old?.kind === 'reference' && old.slot.held !== null;
        if (entry.kind === 'reference' && used && entry.slot !== old.slot) void store.read(entry.slot).catch(() => {});
      }
    }
    loaded = true;
    telemetry.emit({
      type: 'configuration-loaded',
      at: timing.now(),
      endpoint: result.endpoint,
      keys: entries.size,
      changed: result.changed,
    });
  };

  const readEntry = (key: string, entry: Entry): Promise<string> => {
    if (entry.kind === 'plain') {
      counters.hits++;
      return entry.promise;
    }
    if (entry.kind === 'broken') return Promise.reject(entry.error);
    return store.read(entry.slot).catch((error: unknown) => {
      throw isSecretsError(error) ? error.ofKey(key, entry.label) : error;
    });
  };

  const readPart = async (key: string): Promise<string> => {
    for (let colon = key.lastIndexOf(':'); colon > 0; colon = key.lastIndexOf(':', colon - 1)) {
      const entry = entries.get(key.slice(0, colon));
      if (entry?.kind !== 'reference') continue;
      await readEntry(key.slice(0, colon), entry);
      const { held } = entry.slot;
      if (held === null || !isBundleType(held.contentType)) continue;
      const value = readBundle(held.value, key.slice(colon + 1));
      if (value === undefined) continue;
      if (parts.size >= MAX_PARTS) parts.clear();
      parts.set(key, { slot: entry.slot, of: held.promise, promise: Promise.resolve(value) });
      return value;
    }
    if (loaded)
      throw new SecretsError(
        'not-found',
        `key '${clean(key)}' is in none of the loaded selectors; add it, or widen the selectors`,
        { key },
      );
    throw new SecretsError(
      'unavailable',
      `key '${clean(key)}' is not known yet, for App Configuration cannot be reached; check its network path and the role 'App Configuration Data Reader'`,
      { key, cause: loadError },
    );
  };

  const clientOptions = options.appConfigurationClientOptions ?? {};
  const sourceContext = { credential, clientOptions, timing, random, telemetry };
  const { refreshIntervalMs, fleetSize } = options;
  const createPace = () => createConfigurationPace({ random, refreshIntervalMs, fleetSize });
  const refresher =
    options.stores.length === 0
      ? null
      : createRefresher({
          source: createConfigurationSource(options.stores, options.selectors, sourceContext),
          pace: createPace(),
          timing,
          random,
          tokens: credential,
          onLoaded: accept,
          onFailed: (cause) => {
            loadError = cause;
          },
        });
  const desk =
    options.leverStore === undefined || options.app === undefined
      ? null
      : applyLevers({
          source: createConfigurationSource(
            [options.leverStore],
            LEVER_NAMES.map((name) => ({ keyFilter: leverKey(options.app ?? '', name) })),
            sourceContext,
          ),
          pace: createPace(),
          app: options.app,
          fleetSize: options.fleetSize,
          timing,
          telemetry,
          apply(levers) {
            store.setTtl(levers.ttlMs?.value ?? options.ttlMs);
            store.setPaused(levers.paused?.value ?? false);
            lanes.limit(levers.maxPerSecond?.value ?? null);
          },
        });

  const secrets: Secrets = {
    get(key) {
      const entry = entries.get(key);
      if (entry !== undefined) {
        if (entry.kind === 'reference' && entry.slot.hot !== null) {
          counters.hits++;
          return entry.slot.hot;
        }
        return readEntry(key, entry);
      }
      const part = parts.get(key);
      if (part !== undefined && part.slot.hot === part.of) {
        counters.hits++;
        return part.promise;
      }
      return readPart(key);
    },
    getSecret(vaultUrl, name, version) {
      const origin = parseVaultUrl(vaultUrl);
      if (origin === null)
        return Promise.reject(
          new SecretsError('bad-reference', `'${clean(vaultUrl)}' is not an https address of a vault`),
        );
      if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
        return Promise.reject(
          new SecretsError('bad-reference', `'${clean(name)}' is not the name of a secret: letters, digits and dashes`),
        );
      if (version !== undefined && !/^[0-9a-zA-Z]{1,64}$/.test(version))
        return Promise.reject(
          new SecretsError('bad-reference', `'${clean(version)}' is not the version of a secret: letters and digits`),
        );
      return store.read(store.slots.named({ origin, name, version }));
    },
    keys() {
      if (!loaded) return null;
      return new Map([...entries].map(([key, { kind }]) => [key, kind === 'plain' ? 'plain' : 'reference']));
    },
    async preload() {
      const keys = [...entries].filter(([, entry]) => entry.kind !== 'plain');
      const results = await Promise.allSettled(keys.map(([key, entry]) => readEntry(key, entry)));
      const failed = results.flatMap((result) =>
        result.status === 'rejected' && isSecretsError(result.reason) ? [result.reason] : [],
      );
      return { ready: results.length - failed.length, failed };
    },
    stats() {
      const vaults: SecretsStats['vaults'] = {};
      for (const lane of lanes.all())
        vaults[lane.origin] = { ratePerSecond: lane.ratePerSecond(), breaker: lane.breaker() };
      return { ...counters, cached: store.cached(), vaults };
    },
    async close() {
      refresher?.stop();
      desk?.stop();
      store.close();
      lanes.close();
      telemetry.close();
    },
  };

  try {
    await Promise.all([
      refresher?.loadAtStart(),
      // A process that restarts in the middle of an incident must know the levers before its first read, but not at any price.
      desk === null ? null : Promise.race([desk.start(), timing.idle(LEVERS_AT_START_MS)]),
    ]);
    if (!loaded && options.required.length > 0)
      throw new SecretsError(
        'unavailable',
        `App Configuration cannot be reached, and ${options.required.length} keys are required; check its network path and the role 'App Configuration Data Reader'`,
        { cause: loadError },
      );
    await Promise.all(options.required.map((key) => secrets.get(key)));
  } catch (error) {
    await secrets.close();
    throw error;
  }
  refresher?.schedule();
  return secrets;
}
