import { closeByPerson } from '../incidents/accept.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

/** It is over, whatever its alerts still say; one that fires within 15 min opens it again. */
export const resolve: Command = {
  name: 'resolve',
  usage: 'resolve <incident>',
  example: 'resolve k3f7q2ab',
  summary: 'say that it is over',
  writes: true,
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'resolve takes one incident or resource' };
    return {
      ok: true,
      run: (deps) =>
        act(deps, {
          action: 'resolve',
          typed,
          change: (record, now) =>
            record.lifecycle.state === 'open' ? closeByPerson(record, now, deps.person.id) : record,
          says: () => 'resolved',
        }),
    };
  },
};
