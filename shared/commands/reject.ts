import type { Command } from './command.ts';
import { parseWord } from './word.ts';

export const reject: Command = {
  name: 'reject',
  usage: 'reject <plan>',
  example: 'reject k3f7q2ab-1',
  summary: 'say that a plan is not to be done',
  writes: true,
  parse: (words) => parseWord('reject', words),
};
