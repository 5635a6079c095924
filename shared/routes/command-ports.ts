import { buttonsAt } from '../chat/buttons.ts';
import type { CommandPorts } from '../commands/command.ts';
import { answerJob } from '../commands/job.ts';
import type { Config } from '../config.ts';
import { examine } from '../doctor/examine.ts';
import type { WorkDeps } from '../pipeline/deps.ts';
import type { SlackDesk } from '../ports.ts';

type SecretStats = CommandPorts['secretStats'];

/** Of a process whose configuration stands in its environment. */
const NONE_READ: SecretStats = () => null;

/**
 * What chat commands need, of the flow's own dependencies.
 *
 * @param secretStats of the reader by which this process has its configuration
 */
export function commandPortsOf(
  config: Config,
  deps: WorkDeps,
  desk: SlackDesk,
  secretStats: SecretStats = NONE_READ,
): CommandPorts {
  const { records, queue, clock, senders, teams, readers, actions, escalation } = deps;
  const destinations = senders.map(({ key }) => key);
  return {
    ...deps,
    destinations: senders,
    settings: config.settings,
    secretStats,
    check: () =>
      examine({
        config,
        records,
        queue,
        clock,
        slack: desk,
        teams,
        readers,
        actions,
        destinations,
        senders,
        escalation,
      }),
  };
}

/** The flow's dependencies with chat in them: buttons on messages, and answers to questions that wait in the queue. */
export function withChat<D extends WorkDeps>(
  config: Config,
  deps: D,
  desk: SlackDesk,
  secretStats: SecretStats = NONE_READ,
): D {
  const ports = commandPortsOf(config, deps, desk, secretStats);
  return {
    ...deps,
    buttonsAt: (sender) => buttonsAt(config, sender),
    answerChat: (job) => answerJob(ports, desk, job),
  };
}
