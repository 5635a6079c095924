/**
 * Composition root of the function app: configuration in, dependencies of each entry out. The twin of `lambdas/deps.ts`.
 *
 * Each entry is a bundle of its own in one process, so the stores hang on the process: what one entry keeps in memory the
 * others find, and a database is opened once.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSnsAuthority } from '../shared/adapters/aws/sns-authority.ts';
import { createAzureReadBack } from '../shared/adapters/azure/alert-read-back.ts';
import { createAzureFiringAlerts } from '../shared/adapters/azure/alerts-management.ts';
import type { OpenedConfiguration } from '../shared/adapters/azure/app-configuration.ts';
import { type ArmClient, createArmClient } from '../shared/adapters/azure/arm.ts';
import { configuredValues } from '../shared/adapters/azure/configured-values.ts';
import { actorEnvironment, azurePlanes } from '../shared/adapters/azure/control-planes.ts';
import { azureReaders } from '../shared/adapters/azure/evidence-readers.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { azureStores } from '../shared/adapters/azure/stores.ts';
import { alertVerifier, botVerifier, readVerifier } from '../shared/adapters/entra/configured.ts';
import { escalationOf } from '../shared/adapters/escalations.ts';
import { entraBearer, firstRegionOf } from '../shared/adapters/first-region.ts';
import { issuePlanes } from '../shared/adapters/issues.ts';
import { createSenders } from '../shared/adapters/senders.ts';
import { configuredDesk } from '../shared/adapters/slack/desk.ts';
import { openStores, type Stores, unavailableStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { type ConfiguredTeams, configuredTeams } from '../shared/adapters/teams/configured.ts';
import { configuredTelemetry } from '../shared/adapters/telemetry/configured.ts';
import { observePorts } from '../shared/adapters/telemetry/observe.ts';
import type { Recorder } from '../shared/adapters/telemetry/recorder.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { exposure } from '../shared/config/exposure.ts';
import { chosenLimits } from '../shared/config/limit-profile.ts';
import {
  APP_CONFIGURATION_PREFIX,
  appConfigurationEndpoints,
  type Config,
  type ConfigProblem,
  overriddenKeys,
} from '../shared/config.ts';
import { asHeadroomError, HeadroomError } from '../shared/errors.ts';
import type { LimitProfile } from '../shared/limits.ts';
import { actionDepsOf } from '../shared/pipeline/action-deps.ts';
import { isCanaryInTime } from '../shared/pipeline/canary.ts';
import { DEFAULT_TIMING, type ReceiveDeps, type WorkDeps } from '../shared/pipeline/deps.ts';
import { protect } from '../shared/pipeline/guard.ts';
import { createLevels, type Levels } from '../shared/pipeline/levels.ts';
import { policyOf } from '../shared/pipeline/policy.ts';
import { findPlace } from '../shared/pipeline/teams-places.ts';
import { tellWrite } from '../shared/pipeline/tell.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { armScopesOf, canaryRulesOf, watchRulesOf } from '../shared/pipeline/watch-rules.ts';
import type { ControlPlane, FiringAlerts } from '../shared/ports.ts';
import { RENDERERS, SOURCES, THREAD_RENDERERS } from '../shared/registry.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import { accessBy } from '../shared/routes/auth.ts';
import type { ChatRouteDeps } from '../shared/routes/chat.ts';
import { commandPortsOf, withChat } from '../shared/routes/command-ports.ts';
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

/** Measured, where telemetry is wanted. */
function observed<D extends ReceiveDeps>(deps: D): D {
  return telemetry.on ? observePorts(deps, { telemetry, now: () => systemClock.now(), tell: tellWrite }) : deps;
}

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
  check: async (config) => [
    ...unavailableStores(config, cloudStores),
    ...deafQueue(config),
    ...(await limitProblems(config)),
  ],
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

export const receiveDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<AlertsRouteDeps> => {
  return observed({
    ...(await baseDeps(config)),
    sources: SOURCES,
    access: accessBy({
      token: config.alertToken,
      verifier: alertVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the application settings',
    }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  });
});

export const readDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<ReadRouteDeps> => {
  const deps = observed(await baseDeps(config));
  return {
    ...deps,
    // A shared token must not open what names people (field-notes 36).
    access: accessBy({
      verifier: readVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'set HEADROOM_READ_AUDIENCE in the application settings, or read incidents in chat',
    }),
    healthy: async () => (await isHealthy(deps)) && isCanaryInTime(deps, canaryRulesOf(config)),
  };
});

export const workDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<WorkDeps> => {
  return withChat(config, await workOf(config), configuredDesk(config), secretStats);
});

export const chatDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<ChatRouteDeps> => {
  const desk = configuredDesk(config);
  const ports = commandPortsOf(config, await workOf(config), desk, secretStats);
  const verifier = botVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log });
  return { config, ports, desk, botVerifier: verifier, exposure: exposure(config, '') };
});

export const watchDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<WatchDeps> => {
  return { ...(await workOf(config)), ...watchRulesOf(config), firing: firingOf(config) };
});

/** Alarms of CloudWatch are listed by the lambdas, in their own account. */
function firingOf(config: Config): FiringAlerts[] {
  if (!config.settings.ours?.actionGroups.length) return [];
  return createAzureFiringAlerts({ arm: armOf(config), clock: systemClock, scopes: armScopesOf(config) });
}

function armOf({ cloud, endpoints }: Config): ArmClient {
  const { url, scope } = AZURE_CLOUDS[cloud].arm;
  return createArmClient({ host: { url: endpoints.ARM ?? url, scope }, credential: credential(), calls: timing });
}

function teamsOf(config: Config, { records }: ReceiveDeps): ConfiguredTeams | undefined {
  return configuredTeams(config, {
    hosts: AZURE_CLOUDS[config.cloud],
    ...timing,
    environment: process.env,
    place: (conversationId) => findPlace(records, conversationId),
  });
}

async function workOf(config: Config): Promise<WorkDeps> {
  const base = await baseDeps(config);
  const bot = teamsOf(config, base);
  return protect(
    observed({
      ...base,
      ...(bot ? { teams: bot.teams } : {}),
      sources: SOURCES,
      senders: [...createSenders(config), ...(bot?.senders ?? [])],
      ...escalationOf(config, () => systemClock.now()),
      ...actionDepsOf(config, planesOf(config)),
      renderers: RENDERERS,
      threadRenderers: THREAD_RENDERERS,
      readers: azureReaders(config, AZURE_CLOUDS[config.cloud], { credential: credential(), ...timing }),
      readBacks: [createAzureReadBack(armOf(config))],
      ...firstRegionOf(config.settings, ({ audience }) => entraBearer(credential(), audience)),
      policy: policyOf(config, await limitsOf(config)),
      worker: WORKER,
      timing: DEFAULT_TIMING,
      levels: levels(),
    }),
    telemetry,
  );
}

/** Changed by the actor alone, an identity of this app that reads nothing. */
function planesOf(config: Config): ControlPlane[] {
  const actor = () => processIdentity(actorEnvironment(process.env, config), timing);
  return [...azurePlanes(config, AZURE_CLOUDS[config.cloud], { actor, ...timing }), ...issuePlanes(config)];
}

async function storesOf(config: Config): Promise<Stores> {
  const place = JSON.stringify([config.home, config.records, config.queue, config.payloads]);
  const opening = shared.stores.get(place) ?? openStores(config, systemClock, cloudStores);
  shared.stores.set(place, opening);
  return opening.catch((error: unknown) => {
    shared.stores.delete(place);
    throw logged(error);
  });
}

/** Routes answer without detail, so the log has it. */
function logged(error: unknown): HeadroomError {
  const known = asHeadroomError(error, 'unavailable', 'the stores could not be opened');
  log.error('stores-unavailable', { kind: known.kind, error: known.message, nextStep: known.nextStep });
  return known;
}

async function baseDeps(config: Config): Promise<ReceiveDeps> {
  const { records, queue, payloads } = await storesOf(config);
  return { records, queue, payloads, clock: systemClock, random: systemRandom, log };
}

async function isHealthy({ records, queue }: ReceiveDeps): Promise<boolean> {
  await Promise.all([records.get({ partition: 'health', id: 'health' }), queue.depth()]);
  return true;
}

function snsEndpoint({ endpoints }: Config): { endpoint?: string } {
  return endpoints.SNS === undefined ? {} : { endpoint: endpoints.SNS };
}

async function chosenLimitsOf({ limits }: Config): Promise<ReturnType<typeof chosenLimits>> {
  return chosenLimits(limits, limits.kind === 'file' ? await readText(limits.path) : undefined);
}

async function limitsOf(config: Config): Promise<LimitProfile> {
  const chosen = await chosenLimitsOf(config);
  if (chosen.ok) return chosen.profile;
  throw new HeadroomError('configuration', `HEADROOM_LIMITS ${chosen.problem.problem}`);
}

async function limitProblems(config: Config): Promise<ConfigProblem[]> {
  const chosen = await chosenLimitsOf(config);
  return chosen.ok ? [] : [chosen.problem];
}

/** Undefined when it cannot be read; then it is a problem of the configuration. */
function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
