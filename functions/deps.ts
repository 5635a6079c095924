/**
 * Composition root of the function app: configuration in, dependencies of each entry out. The twin of `lambdas/deps.ts`.
 *
 * Each entry is a bundle of its own in one process, so the stores hang on the process: what one entry keeps in memory the
 * others find, and a database is opened once.
 */
import { randomUUID } from 'node:crypto';
import { createAzureReadBack } from '../shared/adapters/azure/alert-read-back.ts';
import { createAzureFiringAlerts } from '../shared/adapters/azure/alerts-management.ts';
import type { OpenedConfiguration } from '../shared/adapters/azure/app-configuration.ts';
import { type ArmClient, createArmClient } from '../shared/adapters/azure/arm.ts';
import { configuredValues } from '../shared/adapters/azure/configured-values.ts';
import { actorEnvironment, azurePlanes } from '../shared/adapters/azure/control-planes.ts';
import { azureReaders } from '../shared/adapters/azure/evidence-readers.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { azureStores } from '../shared/adapters/azure/stores.ts';
import { entraBearer, firstRegionOf } from '../shared/adapters/first-region.ts';
import type { Stores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { configuredTelemetry } from '../shared/adapters/telemetry/configured.ts';
import type { Recorder } from '../shared/adapters/telemetry/recorder.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { APP_CONFIGURATION_PREFIX, appConfigurationEndpoints, type Config, overriddenKeys } from '../shared/config.ts';
import { type Ground, groundProblems } from '../shared/entries/ground.ts';
import { readText } from '../shared/entries/limits.ts';
import { readEntry } from '../shared/entries/read.ts';
import { receiveEntry } from '../shared/entries/receive.ts';
import { chatEntry, flowOf, type Reach, type Workshop, workEntry } from '../shared/entries/work.ts';
import type { WorkDeps } from '../shared/pipeline/deps.ts';
import { createLevels, type Levels } from '../shared/pipeline/levels.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { armScopesOf, watchRulesOf } from '../shared/pipeline/watch-rules.ts';
import type { FiringAlerts } from '../shared/ports.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import type { ChatRouteDeps } from '../shared/routes/chat.ts';
import { keptWhile, liveConfig } from '../shared/routes/live-config.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';
import type { GuardedCredential } from '../shared/secrets/token.ts';
import { deafQueue } from './deaf-queue.ts';

/** Standard output is what the host collects. */
export const log = jsonLog((line) => process.stdout.write(line));

/** Names this process in the claims that it makes. */
const WORKER = randomUUID();

declare global {
  /** What the entries of this process share. */
  var headroomProcess:
    | {
        /** By where they are. */
        stores: Map<string, Promise<Stores>>;
        /** Values of App Configuration by its endpoints. */
        values: Map<string, OpenedConfiguration>;
        credential?: GuardedCredential;
        telemetry?: Recorder;
        levels?: Levels;
      }
    | undefined;
}

globalThis.headroomProcess ??= { stores: new Map(), values: new Map() };
const shared = globalThis.headroomProcess;

const timing = { clock: systemClock, random: systemRandom };

function credential(): GuardedCredential {
  shared.credential ??= processIdentity(process.env, timing);
  return shared.credential;
}

const cloudStores = azureStores(credential, timing);

shared.telemetry ??= configuredTelemetry({
  environment: process.env,
  resource: {
    'service.name': 'headroom',
    'service.instance.id': WORKER,
    'cloud.provider': 'azure',
    'faas.name': process.env['WEBSITE_SITE_NAME'] ?? '',
  },
  credential,
  now: () => systemClock.now(),
  log,
});
export const telemetry = shared.telemetry;

/** One for all entries of the process, and for all configurations that it has in turn. */
function levels(): Levels {
  shared.levels ??= createLevels(timing);
  return shared.levels;
}

const ground: Ground = { log, telemetry, worker: WORKER, opened: shared.stores, cloudStores: () => cloudStores };

/** What App Configuration and the vaults behind it give; null where the environment says everything. */
const elsewhere = /* @__PURE__ */ appConfiguration(appConfigurationEndpoints(process.env));

/** How reading from those vaults fares. */
const secretStats = () => elsewhere?.stats() ?? null;

/** Everything that is wrong stands in one line of the log; the process stays up. */
const configuration = liveConfig({
  cloud: 'azure',
  environment: process.env,
  remotes: elsewhere === null ? [] : [elsewhere.read],
  settingsText: readText,
  check: async (config) => [...(await groundProblems(config, cloudStores)), ...deafQueue(config)],
  log,
});

function appConfiguration(endpoints: readonly string[]): OpenedConfiguration | null {
  if (endpoints.length === 0) return null;
  const place = endpoints.join();
  const overridden = overriddenKeys(process.env);
  const values =
    shared.values.get(place) ??
    configuredValues({
      endpoints,
      prefix: APP_CONFIGURATION_PREFIX,
      overridden: (key) => overridden.has(key),
      credential: credential(),
      log,
      ...(telemetry.meter === undefined ? {} : { meter: telemetry.meter }),
    });
  shared.values.set(place, values);
  return values;
}

export const receiveDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<AlertsRouteDeps> =>
    receiveEntry(ground, config, 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the application settings'),
);

export const readDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<ReadRouteDeps> =>
    readEntry(ground, config, 'set HEADROOM_READ_AUDIENCE in the application settings, or read incidents in chat'),
);

export const workDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<WorkDeps> => workEntry(workshop(), config),
);

export const chatDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<ChatRouteDeps> => chatEntry(workshop(), config),
);

export const watchDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<WatchDeps> => {
  return { ...(await flowOf(workshop(), config)), ...watchRulesOf(config), firing: firingOf(config) };
});

function workshop(): Workshop {
  return { ...ground, environment: process.env, levels, reach: reachOf, secretStats };
}

function reachOf(config: Config): Reach {
  const cloud = AZURE_CLOUDS[config.cloud];
  // Changes are made by the actor alone, an identity of this app that reads nothing.
  const actor = () => processIdentity(actorEnvironment(process.env, config), timing);
  return {
    readers: azureReaders(config, cloud, { credential: credential(), ...timing }),
    readBacks: [createAzureReadBack(armOf(config))],
    planes: azurePlanes(config, cloud, { actor, ...timing }),
    ...firstRegionOf(config.settings, ({ audience }) => entraBearer(credential(), audience)),
  };
}

/** Alarms of CloudWatch are listed by the lambdas, in their own account. */
function firingOf(config: Config): FiringAlerts[] {
  if (!config.settings.ours?.actionGroups.length) return [];
  return createAzureFiringAlerts({ arm: armOf(config), clock: systemClock, scopes: armScopesOf(config) });
}

function armOf({ cloud, endpoints }: Config): ArmClient {
  const { url, scope } = AZURE_CLOUDS[cloud].arm;
  return createArmClient({ host: { url: endpoints.ARM ?? url, scope }, credential: credential(), calls: timing });
}
