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
          const title = name === undefined ? 'What you can ask' : `No command '${name.slice(0, 40)}'; there are`;
          // Lines rather than a table, which would be cut to the width of a screen.
          const lines = commands().map(({ usage, summary }) => `${usage}: ${summary}`);
          const notes = [{ text: "'help why' shows an example of why; 'page 2' behind a command its next page" }];
          return { kind: 'answer', answer: { title, lines, notes } };
        },
      };
    },
  };
}
