import { acknowledge } from '../incidents/marks.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

/** Somebody looks after it: nobody is called any more. */
export const ack: Command = {
  name: 'ack',
  usage: 'ack <incident>',
  example: 'ack k3f7q2ab',
  summary: 'say that you look after it, so that nobody else is called',
  writes: true,
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'ack takes one incident or resource' };
    return {
      ok: true,
      run: (deps) =>
        act(deps, {
          action: 'ack',
          typed,
          change: (record, now) => acknowledge(record, deps.person.name, now),
          says: ({ acknowledged }) => `acknowledged by ${acknowledged?.by ?? deps.person.name}`,
        }),
    };
  },
};
