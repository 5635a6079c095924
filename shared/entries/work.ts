import { botVerifier } from '../adapters/entra/configured.ts';
import { escalationOf } from '../adapters/escalations.ts';
import { issuePlanes } from '../adapters/issues.ts';
import { createSenders } from '../adapters/senders.ts';
import { configuredDesk } from '../adapters/slack/desk.ts';
import { systemClock, systemRandom } from '../adapters/system/clock.ts';
import { type ConfiguredTeams, configuredTeams } from '../adapters/teams/configured.ts';
import type { CommandPorts } from '../commands/command.ts';
import { AZURE_CLOUDS } from '../config/clouds.ts';
import { exposure } from '../config/exposure.ts';
import type { Config } from '../config.ts';
import { actionDepsOf } from '../pipeline/action-deps.ts';
import { DEFAULT_TIMING, type ReceiveDeps, type WorkDeps } from '../pipeline/deps.ts';
import { protect } from '../pipeline/guard.ts';
import type { Levels } from '../pipeline/levels.ts';
import { policyOf } from '../pipeline/policy.ts';
import { findPlace } from '../pipeline/teams-places.ts';
import type { ControlPlane } from '../ports.ts';
import { RENDERERS, SOURCES, THREAD_RENDERERS } from '../registry.ts';
import type { ChatRouteDeps } from '../routes/chat.ts';
import { commandPortsOf, withChat } from '../routes/command-ports.ts';
import { baseDeps, type Ground, observed } from './ground.ts';
import { limitsOf } from './limits.ts';

/** What a cloud brings to an incident: what it can be asked and told there. */
export type Reach = Pick<WorkDeps, 'readers' | 'readBacks' | 'firstRegion'> & {
  /** What can be changed, by the actor's identity alone (field-notes 34). */
  planes: ControlPlane[];
};

/** A cloud's process that works incidents: one set of levels for all its entries, and for all configurations it has in turn. */
export type Workshop = Ground & {
  environment: Readonly<Record<string, string | undefined>>;
  levels(): Levels;
  reach(config: Config): Reach;
  /** How reading the configuration's secrets fares. */
  secretStats: CommandPorts['secretStats'];
};

/** What works an incident from claim to message, and answers the questions that wait in the queue. */
export async function workEntry(shop: Workshop, config: Config): Promise<WorkDeps> {
  return withChat(config, await flowOf(shop, config), configuredDesk(config), shop.secretStats);
}

/** What answers a chat platform on its request path. */
export async function chatEntry(shop: Workshop, config: Config): Promise<ChatRouteDeps> {
  const desk = configuredDesk(config);
  const ports = commandPortsOf(config, await flowOf(shop, config), desk, shop.secretStats);
  const verifier = botVerifier(config, AZURE_CLOUDS[config.cloud], { clock: systemClock, log: shop.log });
  return { config, ports, desk, botVerifier: verifier, exposure: exposure(config, '') };
}

/** The flow behind its breakers and budgets, without chat's answers: as `watch` takes it. */
export async function flowOf(shop: Workshop, config: Config): Promise<WorkDeps> {
  const base = await baseDeps(shop, config);
  const bot = teamsOf(shop, config, base);
  const { planes, ...reached } = shop.reach(config);
  return protect(
    observed(shop, {
      ...base,
      ...(bot ? { teams: bot.teams } : {}),
      sources: SOURCES,
      senders: [...createSenders(config), ...(bot?.senders ?? [])],
      ...escalationOf(config, () => systemClock.now()),
      ...actionDepsOf(config, [...planes, ...issuePlanes(config)]),
      renderers: RENDERERS,
      threadRenderers: THREAD_RENDERERS,
      ...reached,
      policy: policyOf(config, await limitsOf(config)),
      worker: shop.worker,
      timing: DEFAULT_TIMING,
      levels: shop.levels(),
    }),
    shop.telemetry,
  );
}

function teamsOf(shop: Workshop, config: Config, { records }: ReceiveDeps): ConfiguredTeams | undefined {
  return configuredTeams(config, {
    hosts: AZURE_CLOUDS[config.cloud],
    clock: systemClock,
    random: systemRandom,
    environment: shop.environment,
    place: (conversationId) => findPlace(records, conversationId),
  });
}
