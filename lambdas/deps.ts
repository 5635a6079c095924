/**
 * Composition root of the lambdas: configuration in, dependencies of each entry out. The twin of `functions/deps.ts`.
 *
 * Each entry is a function of its own, so what one keeps in memory the others do not find.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { configuredSecrets } from '../shared/adapters/aws/configured-secrets.ts';
import { createSnsAuthority } from '../shared/adapters/aws/sns-authority.ts';
import { awsStores } from '../shared/adapters/aws/stores.ts';
import { configuredValues } from '../shared/adapters/azure/configured-values.ts';
import { processIdentity } from '../shared/adapters/azure/identity.ts';
import { alertVerifier, readVerifier } from '../shared/adapters/entra/configured.ts';
import { createSenders } from '../shared/adapters/senders.ts';
import { type CloudStores, openStores, type Stores, unavailableStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
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
import { DEFAULT_TIMING, type ReceiveDeps, type WorkDeps } from '../shared/pipeline/deps.ts';
import { policyOf } from '../shared/pipeline/policy.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { RENDERERS, SOURCES } from '../shared/registry.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import { accessBy } from '../shared/routes/auth.ts';
import { keptWhile, liveConfig, type Remote } from '../shared/routes/live-config.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';

/** Standard output is what CloudWatch Logs collects. */
export const log = jsonLog((line) => process.stdout.write(line));

/** Names this process in the claims that it makes. */
const WORKER = randomUUID();

/** Everything that is wrong stands in one line of the log; the process stays up. */
const configuration = liveConfig({
  cloud: 'aws',
  environment: process.env,
  remotes: [
    ...secretsManager(secretReferences(process.env)),
    ...appConfiguration(appConfigurationEndpoints(process.env)),
  ],
  settingsText: readText,
  check: async (config) => [...unavailableStores(config, cloudStores(config)), ...(await limitProblems(config))],
  log,
});

export const receiveDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<AlertsRouteDeps> => {
  return {
    ...(await baseDeps(config)),
    sources: SOURCES,
    access: accessBy({
      token: config.alertToken,
      verifier: alertVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the environment of this function',
    }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  };
});

export const readDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<ReadRouteDeps> => {
  const deps = await baseDeps(config);
  return {
    ...deps,
    // For callers that AWS has not checked; a shared token must not open what names people (field-notes 36).
    access: accessBy({
      verifier: readVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'sign the request: this function URL answers IAM callers; or set HEADROOM_READ_AUDIENCE',
    }),
    healthy: () => isHealthy(deps),
  };
});

export const workDeps = /* @__PURE__ */ keptWhile(configuration, workOf);

export const watchDeps = /* @__PURE__ */ keptWhile(configuration, async (config): Promise<WatchDeps> => {
  return { ...(await workOf(config)), retention: { evidenceDays: config.retentionDays } };
});

async function workOf(config: Config): Promise<WorkDeps> {
  return {
    ...(await baseDeps(config)),
    sources: SOURCES,
    senders: createSenders(config),
    renderers: RENDERERS,
    readers: [],
    policy: policyOf(config, await limitsOf(config)),
    worker: WORKER,
    timing: DEFAULT_TIMING,
  };
}

function secretsManager(references: readonly SecretReference[]): (() => Promise<Remote>)[] {
  if (references.length === 0) return [];
  const endpoint = serviceEndpoint(process.env, 'SECRETS_MANAGER');
  return [configuredSecrets({ references, endpoint, now: () => systemClock.now(), log })];
}

/** Reached with what the SDK finds: an application of Entra in the environment, or a workload identity. */
function appConfiguration(endpoints: readonly string[]): (() => Promise<Remote>)[] {
  if (endpoints.length === 0) return [];
  const overridden = overriddenKeys(process.env);
  const values = configuredValues({
    endpoints,
    prefix: APP_CONFIGURATION_PREFIX,
    overridden: (key) => overridden.has(key),
    credential: processIdentity(process.env, { clock: systemClock, random: systemRandom }),
    log,
  });
  return [values];
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
