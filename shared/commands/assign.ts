import { assign as assignTo } from '../actions/assign.ts';
import { cleanLine } from '../chat/plain.ts';
import { act } from './act.ts';
import type { Command } from './command.ts';

const NAME_MAX = 60;

/** Gives an incident to a person, by a name that its readers know; nobody is mentioned by it. */
export const assign: Command = {
  name: assignTo.id,
  usage: 'assign <incident> [person]',
  example: 'assign k3f7q2ab @dana',
  summary: assignTo.summary,
  writes: true,
  parse(words) {
    const [typed, ...name] = words;
    if (typed === undefined) return { ok: false, problem: 'assign takes an incident, and whom to give it to' };
    const given = cleanLine(name.join(' ').replace(/^@+/, ''), NAME_MAX);
    const isMe = given === '' || given.toLowerCase() === 'me';
    return {
      ok: true,
      run(deps) {
        const to = isMe ? deps.person.name : given;
        return act(deps, { rule: assignTo, typed, params: { to }, detail: to });
      },
    };
  },
};
