/**
 * Composition root of the lambdas: configuration in, dependencies of each entry out. The twin of `functions/deps.ts`.
 *
 * Each entry is a function of its own, so what one keeps in memory the others do not find.
 */
import { randomUUID } from 'node:crypto';
import { actorRole } from '../shared/adapters/aws/actor-role.ts';
import { openAlarmReadBack, openAlarmsOfAll, openCanaryAlarm, openMuteRules } from '../shared/adapters/aws/alarms.ts';
import { configuredSecrets } from '../shared/adapters/aws/configured-secrets.ts';
import { awsReaders } from '../shared/adapters/aws/evidence-readers.ts';
import { functionUrlSigner } from '../shared/adapters/aws/function-url-signer.ts';
import { awsStores } from '../shared/adapters/aws/stores.ts';
import { type WatchedAccounts, watchedAccounts } from '../shared/adapters/aws/watched-accounts.ts';
import type { OpenedConfiguration } from '../shared/adapters/azure/app-configuration.ts';
import { configuredValues } from '../shared/adapters/azure/configured-values.ts';
import { actorEnvironment, azurePlanes } from '../shared/adapters/azure/control-planes.ts';
import { foundIdentity } from '../shared/adapters/azure/found-identity.ts';
import { firstRegionOf } from '../shared/adapters/first-region.ts';
import type { CloudStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { configuredTelemetry } from '../shared/adapters/telemetry/configured.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import {
  APP_CONFIGURATION_PREFIX,
  appConfigurationEndpoints,
  type Config,
  overriddenKeys,
  type SecretReference,
  secretReferences,
  serviceEndpoint,
} from '../shared/config.ts';
import { type Ground, groundProblems } from '../shared/entries/ground.ts';
import { readText } from '../shared/entries/limits.ts';
import { readEntry } from '../shared/entries/read.ts';
import { receiveEntry } from '../shared/entries/receive.ts';
import { chatEntry, flowOf, type Reach, type Workshop, workEntry } from '../shared/entries/work.ts';
import type { WorkDeps } from '../shared/pipeline/deps.ts';
import { createLevels } from '../shared/pipeline/levels.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { watchRulesOf } from '../shared/pipeline/watch-rules.ts';
import type { ControlPlane } from '../shared/ports.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import type { ChatRouteDeps } from '../shared/routes/chat.ts';
import { keptWhile, liveConfig, type Remote } from '../shared/routes/live-config.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';

/** Standard output is what CloudWatch Logs collects. */
export const log = jsonLog((line) => process.stdout.write(line));

const timing = { clock: systemClock, random: systemRandom };

/** Names this process in the claims that it makes. */
const WORKER = randomUUID();

export const telemetry = configuredTelemetry({
  environment: process.env,
  resource: {
    'service.name': 'headroom',
    'service.instance.id': WORKER,
    'cloud.provider': 'aws',
    'faas.name': process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
  },
  now: () => systemClock.now(),
  log,
});

/** One for all configurations that this process has in turn. */
const LEVELS = /* @__PURE__ */ createLevels(timing);

const ground: Ground = { log, telemetry, worker: WORKER, opened: new Map(), cloudStores };

/** What App Configuration and the vaults behind it give; null where nothing is configured there. */
const elsewhere = /* @__PURE__ */ appConfiguration(appConfigurationEndpoints(process.env));

/** How reading from those vaults fares. */
const secretStats = () => elsewhere?.stats() ?? null;

/** Everything that is wrong stands in one line of the log; the process stays up. */
const configuration = liveConfig({
  cloud: 'aws',
  environment: process.env,
  remotes: [...secretsManager(secretReferences(process.env)), ...(elsewhere === null ? [] : [elsewhere.read])],
  settingsText: readText,
  check: (config) => groundProblems(config, cloudStores(config)),
  log,
});

export const receiveDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<AlertsRouteDeps> =>
    receiveEntry(
      ground,
      config,
      'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the environment of this function',
    ),
);

/** Callers that AWS has checked signed their request. */
export const readDeps = /* @__PURE__ */ keptWhile(
  configuration,
  (config): Promise<ReadRouteDeps> =>
    readEntry(ground, config, 'sign the request: this function URL answers IAM callers; or set HEADROOM_READ_AUDIENCE'),
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
  return { ...(await flowOf(workshop(), config)), ...watchRulesOf(config), ...alarmsOf(config) };
});

function workshop(): Workshop {
  return { ...ground, environment: process.env, levels: () => LEVELS, reach: reachOf, secretStats };
}

function reachOf(config: Config): Reach {
  const cloudWatch = { endpoint: config.endpoints.CLOUDWATCH };
  return {
    readers: awsReaders(config, timing, watchedIn(config)),
    readBacks: [openAlarmReadBack(cloudWatch, watchedIn(config))],
    planes: planesOf(config),
    ...firstRegionOf(config.settings, () => functionUrlSigner(process.env)),
  };
}

/** What may be changed outside: in each cloud by the actor that is named for it, never by who reads. */
function planesOf(config: Config): ControlPlane[] {
  // That of Azure is what the SDK finds: an application of Entra, or a federated identity.
  const actor = () => foundIdentity(actorEnvironment(process.env, config), timing);
  const credentials = actorRole(config, timing);
  return [
    ...(config.actorClientId === undefined
      ? []
      : azurePlanes(config, AZURE_CLOUDS[config.cloud], { actor, ...timing })),
    ...(credentials === undefined ? [] : openMuteRules(config, { endpoint: config.endpoints.CLOUDWATCH, credentials })),
  ];
}

const watched = new WeakMap<Config, WatchedAccounts>();

/** One for all that ask, so that a role is taken on once. */
function watchedIn(config: Config): WatchedAccounts {
  const known = watched.get(config) ?? watchedAccounts(config, timing);
  watched.set(config, known);
  return known;
}

/** Alerts of Azure Monitor are listed by the functions, with their own identity. */
function alarmsOf(config: Config): Pick<WatchDeps, 'firing' | 'canaryAlarm'> {
  const { settings, endpoints } = config;
  const { alarmActions = [] } = settings.ours ?? {};
  const alarm = settings.canary?.alarm;
  const reach = { endpoint: endpoints.CLOUDWATCH };
  return {
    firing: openAlarmsOfAll(alarmActions, reach, watchedIn(config)),
    ...(alarm === undefined ? {} : { canaryAlarm: openCanaryAlarm(alarm, reach) }),
  };
}

function secretsManager(references: readonly SecretReference[]): (() => Promise<Remote>)[] {
  if (references.length === 0) return [];
  const endpoint = serviceEndpoint(process.env, 'SECRETS_MANAGER');
  return [configuredSecrets({ references, endpoint, now: () => systemClock.now(), log })];
}

/** Reached with what the SDK finds: an application of Entra in the environment, or a workload identity. */
function appConfiguration(endpoints: readonly string[]): OpenedConfiguration | null {
  if (endpoints.length === 0) return null;
  const overridden = overriddenKeys(process.env);
  return configuredValues({
    endpoints,
    prefix: APP_CONFIGURATION_PREFIX,
    overridden: (key) => overridden.has(key),
    credential: foundIdentity(process.env, timing),
    log,
    ...(telemetry.meter === undefined ? {} : { meter: telemetry.meter }),
  });
}

function cloudStores({ endpoints }: Config): CloudStores {
  return awsStores(endpoints, () => systemClock.now());
}
