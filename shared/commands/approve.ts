import type { Command } from './command.ts';
import { parseWord } from './word.ts';

export const approve: Command = {
  name: 'approve',
  usage: 'approve <plan>',
  example: 'approve k3f7q2ab-1',
  summary: 'have done what a plan says',
  writes: true,
  parse: (words) => parseWord('approve', words),
};
