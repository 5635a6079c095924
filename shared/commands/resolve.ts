import { resolve as resolveByPerson } from '../actions/resolve.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

/** It is over, whatever its alerts still say; one that fires within 15 min opens it again. */
export const resolve: Command = {
  name: resolveByPerson.id,
  usage: 'resolve <incident>',
  example: 'resolve k3f7q2ab',
  summary: resolveByPerson.summary,
  writes: true,
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'resolve takes one incident or resource' };
    return { ok: true, run: (deps) => act(deps, { rule: resolveByPerson, typed, params: {} }) };
  },
};
