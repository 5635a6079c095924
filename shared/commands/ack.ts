import { acknowledge } from '../actions/acknowledge.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

/** Somebody looks after it: nobody is called any more. */
export const ack: Command = {
  name: acknowledge.id,
  usage: 'ack <incident>',
  example: 'ack k3f7q2ab',
  summary: acknowledge.summary,
  writes: true,
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'ack takes one incident or resource' };
    return { ok: true, run: (deps) => act(deps, { rule: acknowledge, typed, params: {} }) };
  },
};
