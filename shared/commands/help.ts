import { type Command, plainAnswer } from './command.ts';

/** The table of contents; `commands` are all of them, this one included. */
export function helpOf(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: 'help [command]',
    example: 'help why',
    summary: 'what can be asked',
    parse(words) {
      const [name, ...rest] = words;
      if (rest.length > 0) return { ok: false, problem: 'help takes one command at most' };
      return {
        ok: true,
        async run() {
          const one = commands().find((command) => command.name === name?.toLowerCase());
          if (one) return plainAnswer(one.usage, [one.summary, `for example: ${one.example}`]);
          const rows = commands().map(({ usage, summary, example }) => [usage, summary, example]);
          const title = name === undefined ? 'What you can ask' : `No command '${name.slice(0, 40)}'; there are`;
          return {
            kind: 'answer',
            answer: { title, lines: [], table: { columns: ['command', 'answers', 'for example'], rows }, notes: [] },
          };
        },
      };
    },
  };
}
