import type { Answer, Message } from '../model.ts';
import type { ReadDeps } from '../pipeline/read.ts';

/** What a command reads; nothing here writes. */
export type CommandDeps = ReadDeps & { privacy: 'full' | 'masked' | 'minimal' };

export type Reply = { kind: 'message'; message: Message } | { kind: 'answer'; answer: Answer };

/** A command as every platform offers it: the same words on Slack, Teams, the console and the command line. */
export type Command = {
  name: string;
  /** `why <incident>` */
  usage: string;
  example: string;
  /** What it answers, in one line. */
  summary: string;
  /** Checks the words after the name. @returns what is wrong with them, or the run to make */
  parse(
    words: readonly string[],
  ): { ok: true; run(deps: CommandDeps): Promise<Reply> } | { ok: false; problem: string };
};

export function plainAnswer(title: string, lines: string[] = []): Reply {
  return { kind: 'answer', answer: { title, lines, notes: [] } };
}
