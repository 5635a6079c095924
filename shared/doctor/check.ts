import type { Config } from '../config.ts';
import type { ActionDeps } from '../pipeline/deps.ts';
import type { ChatSender, Clock, Escalation, EvidenceReader, Queue, Records, SlackDesk, TeamsDesk } from '../ports.ts';

/** What a check may look at: the configuration, and the stores by their own ports. */
export type CheckPorts = {
  config: Config;
  records: Records;
  queue: Queue;
  clock: Clock;
  /** Asks Slack what the token is good for. */
  slack: Pick<SlackDesk, 'scopes' | 'isIn'>;
  /** Asks Entra whether the bot of Teams gets a token; absent where there is no bot. */
  teams?: Pick<TeamsDesk, 'probe'> | undefined;
  /** Stores that evidence is read from; absent: none. */
  readers?: readonly EvidenceReader[];
  /** What can be done outside; absent where actions are off or nothing can be reached. */
  actions?: ActionDeps | undefined;
  /** Keys of the destinations that messages go to. */
  destinations: readonly string[];
  /** The destinations themselves, as far as they can be asked; absent: none. */
  senders?: readonly Pick<ChatSender, 'key' | 'probe'>[];
  /** Who is called when nobody acknowledges; absent: nobody. */
  escalation?: { afterMs: number; targets: readonly Pick<Escalation, 'key' | 'probe'>[] } | undefined;
};

export type CheckResult =
  | { ok: true; detail: string }
  /** `command`: what mends it, one line for a shell, where a command does. */
  | { ok: false; problem: string; nextStep: string; command?: string };

/** One thing that may be wrong with an installation. `run` may reject; that is then what was found. */
export type Check<Ports = CheckPorts> = { name: string; run(ports: Ports): Promise<CheckResult> };

/** What was found, in the order of the checks. */
export type Examined = ({ name: string } & CheckResult)[];
