/**
 * Composition root of the lambdas: configuration in, dependencies of each entry out. The twin of `functions/deps.ts`.
 *
 * Each entry is a function of its own, so what one keeps in memory the others do not find.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { openAlarmReadBack, openAlarms, openCanaryAlarm, openMuteRules } from '../shared/adapters/aws/alarms.ts';
import { configuredSecrets } from '../shared/adapters/aws/configured-secrets.ts';
import { awsReaders } from '../shared/adapters/aws/evidence-readers.ts';
import { functionUrlSigner } from '../shared/adapters/aws/function-url-signer.ts';
import { createSnsAuthority } from '../shared/adapters/aws/sns-authority.ts';
import { awsStores } from '../shared/adapters/aws/stores.ts';
import type { OpenedConfiguration } from '../shared/adapters/azure/app-configuration.ts';
import { configuredValues } from '../shared/adapters/azure/configured-values.ts';
import { actorEnvironment, azurePlanes } from '../shared/adapters/azure/control-planes.ts';
import { foundIdentity } from '../shared/adapters/azure/found-identity.ts';
import { alertVerifier, botVerifier, readVerifier } from '../shared/adapters/entra/configured.ts';
import { escalationOf } from '../shared/adapters/escalations.ts';
import { firstRegionOf } from '../shared/adapters/first-region.ts';
import { issuePlanes } from '../shared/adapters/issues.ts';
import { createSenders } from '../shared/adapters/senders.ts';
import { configuredDesk } from '../shared/adapters/slack/desk.ts';
import { type CloudStores, openStores, type Stores, unavailableStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { type ConfiguredTeams, configuredTeams } from '../shared/adapters/teams/configured.ts';
import { configuredTelemetry } from '../shared/adapters/telemetry/configured.ts';
import { observePorts } from '../shared/adapters/telemetry/observe.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { exposure } from '../shared/config/exposure.ts';
import { chosenLimits } from '../shared/config/limit-profile.ts';
import {
  APP_CONFIGURATION_PREFIX,
  appConfigurationEndpoints,
  type Config,
  type ConfigProblem,
  overriddenKeys,
  type SecretReference,
  secretReferences,
  serviceEndpoint,
} from '../shared/config.ts';
import { asHeadroomError, HeadroomError } from '../shared/errors.ts';
import type { LimitProfile } from '../shared/limits.ts';
import { actionDepsOf } from '../shared/pipeline/action-deps.ts';
import { isCanaryInTime } from '../shared/pipeline/canary.ts';
import { DEFAULT_TIMING, type ReceiveDeps, type WorkDeps } from '../shared/pipeline/deps.ts';
import { protect } from '../shared/pipeline/guard.ts';
import { createLevels } from '../shared/pipeline/levels.ts';
import { policyOf } from '../shared/pipeline/policy.ts';
import { findPlace } from '../shared/pipeline/teams-places.ts';
import { tellWrite } from '../shared/pipeline/tell.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { canaryRulesOf, watchRulesOf } from '../shared/pipeline/watch-rules.ts';
import type { ControlPlane } from '../shared/ports.ts';
import { RENDERERS, SOURCES, THREAD_RENDERERS } from '../shared/registry.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import { accessBy } from '../shared/routes/auth.ts';
import type { ChatRouteDeps } from '../shared/routes/chat.ts';
import { commandPortsOf, withChat } from '../shared/routes/command-ports.ts';
import { keptWhile, liveConfig, type Remote } from '../shared/routes/live-config.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';

/** Standard output is what CloudWatch Logs collects. */
export const log = jsonLog((line) => process.stdout.write(line));

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
const LEVELS = /* @__PURE__ */ createLevels({ clock: systemClock, random: systemRandom });

/** Measured, where telemetry is wanted. */
function observed<D extends ReceiveDeps>(deps: D): D {
  return telemetry.on ? observePorts(deps, { telemetry, now: () => systemClock.now(), tell: tellWrite }) : deps;
}

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
  check: async (config) => [...unavailableStores(config, cloudStores(config)), ...(await limitProblems(config))],
  log,
});

export const receiveDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<AlertsRouteDeps> => {
  return observed({
    ...(await baseDeps(config)),
    sources: SOURCES,
    access: accessBy({
      token: config.alertToken,
      verifier: alertVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the environment of this function',
    }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  });
});

export const readDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<ReadRouteDeps> => {
  const deps = observed(await baseDeps(config));
  return {
    ...deps,
    // For callers that AWS has not checked; a shared token must not open what names people (field-notes 36).
    access: accessBy({
      verifier: readVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'sign the request: this function URL answers IAM callers; or set HEADROOM_READ_AUDIENCE',
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
  return { ...(await workOf(config)), ...watchRulesOf(config), ...alarmsOf(config) };
});

/** Alerts of Azure Monitor are listed by the functions, with their own identity. */
function alarmsOf({ settings, endpoints }: Config): Pick<WatchDeps, 'firing' | 'canaryAlarm'> {
  const { alarmActions = [] } = settings.ours ?? {};
  const alarm = settings.canary?.alarm;
  const reach = { endpoint: endpoints.CLOUDWATCH };
  return {
    firing: alarmActions.length === 0 ? [] : [openAlarms(alarmActions, reach)],
    ...(alarm === undefined ? {} : { canaryAlarm: openCanaryAlarm(alarm, reach) }),
  };
}

function teamsOf(config: Config, { records }: ReceiveDeps): ConfiguredTeams | undefined {
  return configuredTeams(config, {
    hosts: AZURE_CLOUDS[config.cloud],
    clock: systemClock,
    random: systemRandom,
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
      readers: awsReaders(config, { clock: systemClock, random: systemRandom }),
      readBacks: [openAlarmReadBack({ endpoint: config.endpoints.CLOUDWATCH })],
      ...firstRegionOf(config.settings, () => functionUrlSigner(process.env)),
      policy: policyOf(config, await limitsOf(config)),
      worker: WORKER,
      timing: DEFAULT_TIMING,
      levels: LEVELS,
    }),
    telemetry,
  );
}

/** What stands in Azure is changed by an actor that the SDK finds: an application of Entra, or a federated identity. */
function planesOf(config: Config): ControlPlane[] {
  const timing = { clock: systemClock, random: systemRandom };
  const actor = () => foundIdentity(actorEnvironment(process.env, config), timing);
  return [
    ...azurePlanes(config, AZURE_CLOUDS[config.cloud], { actor, ...timing }),
    ...openMuteRules(config, { endpoint: config.endpoints.CLOUDWATCH }),
    ...issuePlanes(config),
  ];
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
    credential: foundIdentity(process.env, { clock: systemClock, random: systemRandom }),
    log,
    ...(telemetry.meter === undefined ? {} : { meter: telemetry.meter }),
  });
}

const opened = new Map<string, Promise<Stores>>();

async function storesOf(config: Config): Promise<Stores> {
  const place = JSON.stringify([config.home, config.records, config.queue, config.payloads, config.endpoints]);
  const opening = opened.get(place) ?? openStores(config, systemClock, cloudStores(config));
  opened.set(place, opening);
  return opening.catch((error: unknown) => {
    opened.delete(place);
    throw logged(error);
  });
}

function cloudStores({ endpoints }: Config): CloudStores {
  return awsStores(endpoints, () => systemClock.now());
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
