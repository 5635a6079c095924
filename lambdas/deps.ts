/**
 * Composition root of the lambdas: configuration in, dependencies of each entry out. The twin of `functions/deps.ts`.
 *
 * Each entry is a function of its own, so what one keeps in memory the others do not find.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSnsAuthority } from '../shared/adapters/aws/sns-authority.ts';
import { awsStores } from '../shared/adapters/aws/stores.ts';
import { alertVerifier, readVerifier } from '../shared/adapters/entra/configured.ts';
import { createSenders } from '../shared/adapters/senders.ts';
import { type CloudStores, openStores, type Stores, unavailableStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { jsonLog } from '../shared/adapters/system/log.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { chosenLimits } from '../shared/config/limit-profile.ts';
import { type Config, type ConfigProblem, describeProblems, readConfig, settingsPath } from '../shared/config.ts';
import { asHeadroomError, HeadroomError } from '../shared/errors.ts';
import type { LimitProfile } from '../shared/limits.ts';
import { DEFAULT_TIMING, type ReceiveDeps, type WorkDeps } from '../shared/pipeline/deps.ts';
import { policyOf } from '../shared/pipeline/policy.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { RENDERERS, SOURCES } from '../shared/registry.ts';
import type { AlertsRouteDeps } from '../shared/routes/alerts.ts';
import { accessBy } from '../shared/routes/auth.ts';
import { once } from '../shared/routes/configured.ts';
import type { ReadRouteDeps } from '../shared/routes/read.ts';

/** Standard output is what CloudWatch Logs collects. */
export const log = jsonLog((line) => process.stdout.write(line));

export async function receiveDeps(): Promise<AlertsRouteDeps> {
  const config = await configuration();
  return {
    ...(await baseDeps()),
    sources: SOURCES,
    access: accessBy({
      token: config.alertToken,
      verifier: alertVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'set HEADROOM_ALERT_TOKEN or HEADROOM_ALERT_AUDIENCE in the environment of this function',
    }),
    bodyBytes: config.bodyBytes,
    sns: { topics: config.settings.snsTopics, authority: createSnsAuthority(snsEndpoint(config)) },
  };
}

export async function readDeps(): Promise<ReadRouteDeps> {
  const config = await configuration();
  const deps = await baseDeps();
  return {
    ...deps,
    // For callers that AWS has not checked; a shared token must not open what names people (field-notes 36).
    access: accessBy({
      verifier: readVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log }),
      nextStep: 'sign the request: this function URL answers IAM callers; or set HEADROOM_READ_AUDIENCE',
    }),
    healthy: () => isHealthy(deps),
  };
}

export async function workDeps(): Promise<WorkDeps> {
  const config = await configuration();
  return {
    ...(await baseDeps()),
    sources: SOURCES,
    senders: createSenders(config),
    renderers: RENDERERS,
    readers: [],
    policy: policyOf(config, await limitsOf(config)),
    worker: randomUUID(),
    timing: DEFAULT_TIMING,
  };
}

export async function watchDeps(): Promise<WatchDeps> {
  const config = await configuration();
  return { ...(await workDeps()), retention: { evidenceDays: config.retentionDays } };
}

/** Everything that is wrong stands in one line of the log; the process stays up. */
const configuration = once(async (): Promise<Config> => {
  const environment = process.env;
  const path = settingsPath({ environment });
  const settings = path === undefined ? undefined : await readText(path);
  const read = readConfig({ environment, cloud: 'aws', ...(settings === undefined ? {} : { settings }) });
  const problems: ConfigProblem[] = read.ok ? unavailableStores(read.config, cloudStores(read.config)) : read.problems;
  if (read.ok && problems.length === 0) return read.config;
  throw refuse(problems);
});

function refuse(problems: readonly ConfigProblem[]): HeadroomError {
  const described = problems.map((problem, index) => [`problem${index + 1}`, describeProblems([problem])]);
  log.error('configuration', { problems: problems.length, ...Object.fromEntries(described) });
  return new HeadroomError('configuration', 'the configuration is wrong: the log lists its problems');
}

const stores = once(async (): Promise<Stores> => {
  const config = await configuration();
  return openStores(config, systemClock, cloudStores(config)).catch((error: unknown) => {
    throw logged(error);
  });
});

function cloudStores({ endpoints }: Config): CloudStores {
  return awsStores(endpoints, () => systemClock.now());
}

/** Routes answer without detail, so the log has it. */
function logged(error: unknown): HeadroomError {
  const known = asHeadroomError(error, 'unavailable', 'the stores could not be opened');
  log.error('stores-unavailable', { kind: known.kind, error: known.message, nextStep: known.nextStep });
  return known;
}

async function baseDeps(): Promise<ReceiveDeps> {
  const { records, queue, payloads } = await stores();
  return { records, queue, payloads, clock: systemClock, random: systemRandom, log };
}

async function isHealthy({ records, queue }: ReceiveDeps): Promise<boolean> {
  await Promise.all([records.get({ partition: 'health', id: 'health' }), queue.depth()]);
  return true;
}

function snsEndpoint({ endpoints }: Config): { endpoint?: string } {
  return endpoints.SNS === undefined ? {} : { endpoint: endpoints.SNS };
}

async function limitsOf({ limits }: Config): Promise<LimitProfile> {
  const chosen = chosenLimits(limits, limits.kind === 'file' ? await readText(limits.path) : undefined);
  if (chosen.ok) return chosen.profile;
  throw refuse([chosen.problem]);
}

/** Undefined when it cannot be read; then it is a problem of the configuration. */
function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
