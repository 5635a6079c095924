import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFilesReader } from '../shared/adapters/duckdb/files-reader.ts';
import { escalationOf } from '../shared/adapters/escalations.ts';
import { bearer, firstRegionOf } from '../shared/adapters/first-region.ts';
import { createSenders } from '../shared/adapters/senders.ts';
import { configuredDesk } from '../shared/adapters/slack/desk.ts';
import { DATABASE_FILE, openStores, type Stores, unavailableStores } from '../shared/adapters/stores.ts';
import { systemClock, systemRandom } from '../shared/adapters/system/clock.ts';
import { type ConfiguredTeams, configuredTeams } from '../shared/adapters/teams/configured.ts';
import { terminal } from '../shared/adapters/terminal/sender.ts';
import type { CommandPorts } from '../shared/commands/command.ts';
import { AZURE_CLOUDS } from '../shared/config/clouds.ts';
import { chosenLimits } from '../shared/config/limit-profile.ts';
import { type Config, type ConfigProblem, describeProblems } from '../shared/config.ts';
import { HeadroomError } from '../shared/errors.ts';
import type { LimitProfile } from '../shared/limits.ts';
import { actionDepsOf } from '../shared/pipeline/action-deps.ts';
import { DEFAULT_TIMING, type ReceiveDeps, type Timing, type WorkDeps } from '../shared/pipeline/deps.ts';
import type { ExplainDeps } from '../shared/pipeline/explain.ts';
import { protect } from '../shared/pipeline/guard.ts';
import { createLevels } from '../shared/pipeline/levels.ts';
import { policyOf } from '../shared/pipeline/policy.ts';
import type { ReadDeps } from '../shared/pipeline/read.ts';
import { findPlace } from '../shared/pipeline/teams-places.ts';
import type { WatchDeps } from '../shared/pipeline/watch.ts';
import { watchRulesOf } from '../shared/pipeline/watch-rules.ts';
import type { ChatSender, Clock, EvidenceReader, Log, Queue, SlackDesk } from '../shared/ports.ts';
import { RENDERERS, SOURCES, THREAD_RENDERERS } from '../shared/registry.ts';
import { commandPortsOf, withChat } from '../shared/routes/command-ports.ts';
import { cloudStoresOf } from './cloud-stores.ts';
import { localPlanes } from './control-planes.ts';
import { openFiring } from './firing.ts';
import { liveReaders } from './live-readers.ts';

/** What is given instead of what the configuration would make: tests wrap ports, `npm start` sets its own destination. */
export type LocalOverrides = {
  senders?: readonly ChatSender[];
  timing?: Timing;
  clock?: Clock;
  wrap?: (deps: WatchDeps) => WatchDeps;
};

export type LocalDeps = WatchDeps & {
  desk: SlackDesk;
  /** The stores as the receive path takes them: without breakers. */
  receiving: Pick<ReceiveDeps, 'records' | 'queue' | 'payloads'>;
  close(): Promise<void>;
};

type Console = { log: Log; out(text: string): void; colour: boolean };

/** The composition root of one machine: everything that the flow needs, from the configuration. */
export async function openLocalDeps(config: Config, io: Console, overrides: LocalOverrides = {}): Promise<LocalDeps> {
  const stores = await openChosenStores(config, overrides.clock ?? systemClock);
  const work = workOf(config, stores, io, overrides);
  const watch: WatchDeps = { ...work, ...watchRulesOf(config), ...(await openFiring(config)) };
  const desk = configuredDesk(config);
  const whole = withChat(config, overrides.wrap?.(watch) ?? watch, desk);
  const receiving = { records: whole.records, queue: whole.queue, payloads: whole.payloads };
  return { ...protect(whole), receiving, desk, close: () => stores.close() };
}

function workOf(config: Config, stores: Stores, io: Console, overrides: LocalOverrides = {}): WorkDeps {
  const { records, queue, payloads } = stores;
  const base: ReceiveDeps = {
    records,
    queue,
    payloads,
    clock: overrides.clock ?? systemClock,
    random: systemRandom,
    log: io.log,
  };
  const bot = teamsOf(config, base);
  return {
    ...base,
    ...(bot ? { teams: bot.teams } : {}),
    sources: SOURCES,
    senders: overrides.senders ?? sendersOf(config, io, bot),
    ...escalationOf(config, base.clock.now),
    ...actionDepsOf(config, localPlanes(config, base)),
    renderers: RENDERERS,
    threadRenderers: THREAD_RENDERERS,
    readers: [...readersOf(config.logs, base.clock, join(config.home, 'tmp')), ...liveReaders(config, base)],
    ...firstRegionOf(config.settings, () => bearer(config.readToken?.reveal())),
    policy: policyOf(config, readLimits(config)),
    worker: randomUUID(),
    timing: overrides.timing ?? DEFAULT_TIMING,
    levels: createLevels(base),
  };
}

export type LocalStore = ReadDeps & { queue: Queue; close(): Promise<void> };

/** What is kept, on this machine or in a cloud, for commands that only read. Makes nothing where there is nothing. */
export async function openLocalStore(config: Config): Promise<LocalStore> {
  const stores = await openAnyStores(config);
  return { records: stores.records, queue: stores.queue, clock: systemClock, close: () => stores.close() };
}

/** What chat commands need, over the stores that the configuration names, in a cloud too; `close` lets go of them. */
export async function openLocalCommands(
  config: Config,
  log: Log,
): Promise<{ ports: CommandPorts; close(): Promise<void> }> {
  const stores = await openAnyStores(config);
  const deps = protect(workOf(config, stores, { log, out: () => undefined, colour: false }));
  return { ports: commandPortsOf(config, deps, configuredDesk(config)), close: () => stores.close() };
}

/** What `explain` needs: the logs that are named, else what can be asked live; leaves nothing in the working folder. */
export function openExplainDeps(config: Config, logs: readonly string[]): ExplainDeps {
  const live = { clock: systemClock, random: systemRandom };
  const readers = logs.length > 0 ? readersOf(logs, systemClock) : liveReaders(config, live);
  return { readers, clock: systemClock, policy: policyOf(config, readLimits(config)) };
}

function requireStore(config: Config): void {
  if (config.records.kind === 'sqlite' && !existsSync(join(config.home, DATABASE_FILE)))
    throw new HeadroomError('not-found', `there is no store in ${config.home} yet`, {
      nextStep: 'run headroom serve and send it an alert, or set HEADROOM_HOME',
    });
}

/** The stores of a command, those of a cloud among them: it takes no work from the queue, as a server beside the cloud's own would. */
export async function openAnyStores(config: Config): Promise<Stores> {
  requireStore(config);
  const cloud = await cloudStoresOf(config);
  const problems = unavailableStores(config, cloud);
  if (problems.length > 0) throw configurationError(problems);
  return openStores(config, systemClock, cloud);
}

async function openChosenStores(config: Config, clock: Clock): Promise<Stores> {
  const problems = unavailableStores(config);
  if (problems.length > 0) throw configurationError(problems);
  return openStores(config, clock);
}

function teamsOf(config: Config, { records, clock, random }: ReceiveDeps): ConfiguredTeams | undefined {
  return configuredTeams(config, {
    hosts: AZURE_CLOUDS[config.cloud],
    clock,
    random,
    environment: process.env,
    place: (conversationId) => findPlace(records, conversationId),
  });
}

function sendersOf(
  config: Config,
  io: { out(text: string): void; colour: boolean },
  bot: ConfiguredTeams | undefined,
): ChatSender[] {
  const configured = [...createSenders(config), ...(bot?.senders ?? [])];
  return configured.length > 0 ? configured : [terminal({ write: io.out, colour: io.colour })];
}

function readersOf(logs: readonly string[], clock: Clock, temporaryFolder?: string): EvidenceReader[] {
  if (logs.length === 0) return [];
  const temporary = temporaryFolder === undefined ? {} : { temporaryFolder };
  return [createFilesReader({ paths: logs, now: clock.now, ...temporary })];
}

/** The limits that the configuration chose. */
export function readLimits(config: Config): LimitProfile {
  const { limits } = config;
  const chosen = chosenLimits(limits, limits.kind === 'file' ? readText(limits.path) : undefined);
  if (chosen.ok) return chosen.profile;
  throw configurationError([chosen.problem]);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function configurationError(problems: readonly ConfigProblem[]): HeadroomError {
  return new HeadroomError('configuration', `the configuration cannot be used:\n${describeProblems(problems)}`);
}
