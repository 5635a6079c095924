/** A bundle of its own, loaded where App Configuration is named: an installation configured by its environment has no need of it. */
import { asHeadroomError, HeadroomError } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import {
  createSecrets,
  isSecretsError,
  type Secrets,
  type SecretsEvent,
  type SecretsOptions,
} from '../../secrets/index.ts';
import type { RemoteProblem, RemoteValues } from '../remote-values.ts';

/** What an identity needs: on the store, and on the vaults behind its references. */
export const permissions = {
  configuration: ['Microsoft.AppConfiguration/configurationStores/keyValues/read'],
  vault: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'],
} as const;

/** Reading again what is in memory takes no time; the first load waits for the network, and senders of alerts for about 10 s. */
const WAIT_MS = 7_000;

/** A configuration that was good once is good until there is another: an identity that is gone for weeks takes nothing away. */
const STALE_MS = 30 * 86_400_000;

export type ConfigurationOptions = {
  /** Replicas in order of preference. */
  endpoints: readonly string[];
  /** What the keys begin with, `headroom:config:`. */
  prefix: string;
  /** Whether the environment says something else under this key: then its secret is not read. */
  overridden(key: string): boolean;
  log: Log;
  /** How long a read waits for what was never loaded. */
  waitMs?: number;
} & Pick<
  SecretsOptions,
  'credential' | 'meter' | 'clock' | 'random' | 'appConfigurationClientOptions' | 'vaultClientOptions'
>;

export type OpenedConfiguration = {
  /** What is known now; the same object as long as nothing changed. */
  read(): Promise<RemoteValues>;
  /** How reading its secrets fares; null before anything could be read. */
  stats(): ReturnType<Secrets['stats']> | null;
};

/**
 * Loads key-values and what their Key Vault references point to, and keeps them up to date in the background.
 *
 * @throws HeadroomError `unavailable`, from each `read`, as long as the store or a vault was never reached
 */
export function openAppConfiguration(options: ConfigurationOptions): OpenedConfiguration {
  const { endpoints, prefix, overridden, log, waitMs = WAIT_MS, ...passed } = options;
  const opening = createSecrets({
    ...passed,
    endpoints,
    selectors: [{ keyFilter: `${prefix}*` }],
    staleIfErrorMs: STALE_MS,
    onEvent: (event) => logEvent(log, event),
  });
  let opened: Secrets | undefined;
  opening.then(
    (secrets) => {
      opened = secrets;
    },
    () => undefined, // each read tells
  );
  let last: RemoteValues | undefined;

  return {
    async read() {
      const found = await withinWait(waitMs, readAll(opening, overridden));
      if (last === undefined || !isSame(last, found)) last = found;
      return last;
    },
    stats: () => opened?.stats() ?? null,
  };
}

async function readAll(
  opening: ReturnType<typeof createSecrets>,
  overridden: (key: string) => boolean,
): Promise<RemoteValues> {
  const secrets = await opening.catch((error: unknown) => {
    throw asHeadroomError(error, 'configuration', 'App Configuration cannot be opened: its addresses must be https');
  });
  const keys = secrets.keys();
  if (keys === null) throw unreached();
  const values: Record<'plain' | 'reference', Record<string, string>> = { plain: {}, reference: {} };
  const problems: RemoteProblem[] = [];
  const readOne = async (key: string, kind: 'plain' | 'reference'): Promise<void> => {
    try {
      values[kind][key] = await secrets.get(key);
    } catch (error) {
      problems.push(problemOf(key, error));
    }
  };
  await Promise.all([...keys].map(([key, kind]) => (overridden(key) ? undefined : readOne(key, kind))));
  return { appConfiguration: values.plain, keyVault: values.reference, problems };
}

function problemOf(key: string, error: unknown): RemoteProblem {
  if (!isSecretsError(error) || error.kind === 'unavailable')
    throw new HeadroomError('unavailable', `the secret of ${key} cannot be read now`, {
      cause: error,
      nextStep: 'wait for the vault or the identity service; or set the value in the environment',
    });
  const why = {
    'not-found': 'names a secret that does not exist',
    forbidden: 'names a secret that this identity may not read',
    'bad-reference': 'is no reference that can be followed',
  }[error.kind];
  const nextStep =
    error.kind === 'forbidden'
      ? 'Give this identity the role Key Vault Secrets User on the vault, and let its network in.'
      : 'Correct the reference in App Configuration, or create the secret.';
  return { name: key, problem: why, nextStep };
}

function unreached(): HeadroomError {
  return new HeadroomError('unavailable', 'App Configuration cannot be reached', {
    nextStep: 'check its network path and the role App Configuration Data Reader; or set all in the environment',
  });
}

/** The load itself goes on: a later read finds it done. */
function withinWait<T>(waitMs: number, reading: Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(waitMs);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(unreached()), { once: true });
  });
  return Promise.race([reading, late]);
}

function isSame(one: RemoteValues, other: RemoteValues): boolean {
  const told = ({ appConfiguration, keyVault, problems }: RemoteValues): string =>
    JSON.stringify([sorted(appConfiguration), sorted(keyVault), problems.map(({ name, problem }) => [name, problem])]);
  return told(one) === told(other);
}

function sorted(values: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What an operator may have to know; a value served beyond its time is told by the metrics alone, for it would be told at each read. */
function logEvent(log: Log, event: SecretsEvent): void {
  if (event.type === 'configuration-failed')
    log.warn('app-configuration-failed', { endpoint: event.endpoint, error: event.error.message });
  else if (event.type === 'configuration-loaded' && event.changed)
    log.info('app-configuration-loaded', { endpoint: event.endpoint, keys: event.keys });
  else if (event.type === 'refresh-failed')
    log.warn('secret-not-refreshed', { secret: event.secretId, kind: event.kind, error: event.error.message });
  else if (event.type === 'throttled')
    log.warn('vault-throttled', { vault: event.vault, retryAfterMs: event.retryAfterMs });
  else if (event.type === 'breaker') log.warn('vault-breaker', { of: event.of, state: event.state });
}
