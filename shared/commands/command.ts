import type { Settings } from '../config.ts';
import type { Answer, Message } from '../model.ts';
import type { Person } from '../pipeline/audit.ts';
import type { WorkDeps } from '../pipeline/deps.ts';
import type { CheckResult, SecretStats } from './reports.ts';

/** What one process gives to all commands; the same for Slack, Teams, the console and the command line. */
export type CommandPorts = Pick<
  WorkDeps,
  'records' | 'queue' | 'payloads' | 'clock' | 'random' | 'log' | 'sources' | 'readers' | 'policy' | 'teams' | 'actions'
> & {
  /** Where messages stand: what changes an incident brings them up to date. */
  destinations: readonly { key: string; canEdit: boolean }[];
  settings: Settings;
  /** `stats()` of Headroom's own secret reader; null where it reads none. */
  secretStats(): SecretStats | null;
  /** Looks this installation over. */
  check(): Promise<CheckResult[]>;
};

export type CommandDeps = CommandPorts & {
  /** What the place that asks may be shown. */
  privacy: 'full' | 'masked' | 'minimal';
  person: Person;
};

/** `done`: what was asked for has been done, and the incident's message shows it. */
type AnswerReply = { kind: 'answer'; answer: Answer; done?: true };

export type Reply = { kind: 'message'; message: Message } | AnswerReply;

type Parsed = { ok: true; run(deps: CommandDeps): Promise<Reply> } | { ok: false; problem: string };

/** A command as every platform offers it: the same words on Slack, Teams, the console and the command line. */
export type Command = {
  name: string;
  /** `why <incident>` */
  usage: string;
  example: string;
  /** What it answers, in one line. */
  summary: string;
  /** Changes something: only for people who are entitled to the action of this name, and nowhere that cannot tell who asks. */
  writes?: true;
  /** May take longer than a chat platform waits. */
  slow?: true;
  /** Checks the words after the name. @returns what is wrong with them, or the run to make */
  parse(words: readonly string[]): Parsed;
};

export function plainAnswer(title: string, lines: string[] = []): AnswerReply {
  return { kind: 'answer', answer: { title, lines, notes: [] } };
}
