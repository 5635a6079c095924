import { nearest } from '../config/nearest.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { helpOf } from './help.ts';
import { status } from './status.ts';
import { why } from './why.ts';

const help = helpOf(() => COMMANDS);

export const COMMANDS: readonly Command[] = [help, status, why];

/** Longer texts are no commands. */
const MAX_TEXT = 500;

/**
 * Runs what a person typed. A misspelt command answers with the nearest one, wrong words with the usage; both are answers,
 * not errors.
 */
export async function runCommand(deps: CommandDeps, text: string): Promise<Reply> {
  const [name = 'help', ...words] = text.slice(0, MAX_TEXT).trim().split(/\s+/).filter(Boolean);
  const command = COMMANDS.find((known) => known.name === name.toLowerCase());
  if (!command) return unknown(name);
  const parsed = command.parse(words);
  if (parsed.ok) return parsed.run(deps);
  return plainAnswer(parsed.problem, [`usage: ${command.usage}`, `for example: ${command.example}`]);
}

function unknown(name: string): Reply {
  const near = nearest(
    name.toLowerCase(),
    COMMANDS.map((command) => command.name),
  );
  const hint = near === undefined ? [] : [`Did you mean '${near}'?`];
  return plainAnswer(`There is no command '${name.slice(0, 40)}'`, [...hint, "'help' lists them all"]);
}
