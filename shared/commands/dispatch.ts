import { nearest } from '../config/nearest.ts';
import { ack } from './ack.ts';
import { actions } from './actions.ts';
import { approve } from './approve.ts';
import { assign } from './assign.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { doctor } from './doctor.ts';
import { helpOf } from './help.ts';
import { limits } from './limits.ts';
import { pageOf, takePage } from './page.ts';
import { reject } from './reject.ts';
import { replay } from './replay.ts';
import { resolve } from './resolve.ts';
import { secrets } from './secrets.ts';
import { silence } from './silence.ts';
import { status } from './status.ts';
import { timeline } from './timeline.ts';
import { top } from './top.ts';
import { undo } from './undo.ts';
import { why } from './why.ts';

const help = helpOf(() => COMMANDS);

export const COMMANDS: readonly Command[] = [
  help,
  status,
  why,
  top,
  timeline,
  limits,
  actions,
  approve,
  reject,
  undo,
  ack,
  assign,
  silence,
  resolve,
  replay,
  secrets,
  doctor,
];

/** Longer texts are no commands. */
const MAX_TEXT = 1_500;

/** What was typed, understood as far as that needs no store. `run` never rejects for what was typed. */
export type ReadCommand = {
  /** Undefined for what is no command. */
  command: Command | undefined;
  /** Whether the words after its name are in order. */
  wellFormed: boolean;
  run(deps: CommandDeps): Promise<Reply>;
};

/**
 * Reads what a person typed. A misspelt command answers with the nearest one, wrong words with the usage; both are answers,
 * not errors.
 */
export function readCommand(text: string): ReadCommand {
  const [name = 'help', ...typed] = text.slice(0, MAX_TEXT).trim().split(/\s+/).filter(Boolean);
  const command = COMMANDS.find((known) => known.name === name.toLowerCase());
  if (!command) return { command, wellFormed: false, run: async () => unknown(name) };
  const { rest, page } = takePage(typed);
  const parsed = command.parse(rest);
  if (!parsed.ok) {
    const { usage, example } = command;
    const lines = [`usage: ${usage}`, `for example: ${example}`];
    return { command, wellFormed: false, run: async () => plainAnswer(parsed.problem, lines) };
  }
  return {
    command,
    wellFormed: true,
    async run(deps) {
      const reply = await parsed.run(deps);
      if (reply.kind === 'message') return reply;
      return { ...reply, answer: pageOf(reply.answer, page, [command.name, ...rest].join(' ')) };
    },
  };
}

export async function runCommand(deps: CommandDeps, text: string): Promise<Reply> {
  return readCommand(text).run(deps);
}

function unknown(name: string): Reply {
  const near = nearest(
    name.toLowerCase(),
    COMMANDS.map((command) => command.name),
  );
  const hint = near === undefined ? [] : [`Did you mean '${near}'?`];
  return plainAnswer(`There is no command '${name.slice(0, 40)}'`, [...hint, "'help' lists them all"]);
}
