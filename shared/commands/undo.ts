import type { Command } from './command.ts';
import { parseWord } from './word.ts';

export const undo: Command = {
  name: 'undo',
  usage: 'undo <plan>',
  example: 'undo k3f7q2ab-1',
  summary: 'take back what a plan has done',
  writes: true,
  parse: (words) => parseWord('undo', words),
};
