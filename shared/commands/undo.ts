import type { MarkRule } from '../actions/mark.ts';
import { mentionsPlan } from '../actions/plan.ts';
import { ACTIONS } from '../registry.ts';
import { takeBack } from './act.ts';
import type { Command } from './command.ts';
import { parseWord } from './word.ts';

/** Takes back what a plan has done outside, or what somebody said of an incident: `undo k3f7q2ab-1`, `undo ack k3f7q2ab`. */
export const undo: Command = {
  name: 'undo',
  usage: 'undo <plan> | undo <ack | assign | silence> <incident>',
  example: 'undo k3f7q2ab-1',
  summary: 'take back what a plan has done, or what you have said of an incident',
  writes: true,
  parse(words) {
    const [name = '', typed, ...rest] = words;
    const rule = ruleOf(name);
    if (!rule) return parseWord('undo', words);
    if (typed === undefined || rest.length > 0)
      return { ok: false, problem: `undo ${rule.id} takes one incident or resource` };
    // A plan has one name, whatever it has done.
    if (mentionsPlan(typed.toLowerCase())) return parseWord('undo', [typed]);
    return { ok: true, run: (deps) => takeBack(deps, rule, typed) };
  },
};

function ruleOf(name: string): MarkRule | undefined {
  return ACTIONS.flatMap((rule) => (rule.needs === 'word' && rule.id === name.toLowerCase() ? [rule] : []))[0];
}
