import { mentionsPlan } from '../actions/plan.ts';
import { giveWord, type Word } from '../pipeline/approve.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';

/** A word to a plan, typed or pressed: refused with the reason to whom it is not allowed, else taken and run by the queue. */
export function parseWord(word: Word, words: readonly string[]): ReturnType<Command['parse']> {
  const [typed, ...rest] = words;
  const planId = typed?.toLowerCase();
  if (planId === undefined || rest.length > 0)
    return { ok: false, problem: `${word} takes one plan, as 'actions' lists them` };
  if (!mentionsPlan(planId))
    return { ok: false, problem: `'${planId.slice(0, 40)}' is no plan: they are called as k3f7q2ab-1` };
  return { ok: true, run: (deps) => say(deps, word, planId) };
}

async function say(deps: CommandDeps, word: Word, planId: string): Promise<Reply> {
  const answered = await giveWord(deps, deps.person, word, planId);
  if (!answered.ok) return plainAnswer(answered.reason, [answered.nextStep]);
  const { plan } = answered;
  const { name } = deps.person;
  const says =
    plan.phase.state === 'planned'
      ? `${planId} is approved by ${name}, and needs a second person`
      : word === 'approve'
        ? `${planId} is approved by ${name}, and is done now`
        : word === 'reject'
          ? `${planId} is rejected by ${name}`
          : `${planId} is taken back for ${name}`;
  return { kind: 'answer', answer: { title: says, lines: [plan.title, plan.diff], notes: [] }, done: true };
}
