import type { Answer } from '../model.ts';
import type { Command, CommandPorts } from './command.ts';

/** What is wrong with this installation, each with the next step. */
export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  example: 'doctor',
  summary: 'whether this installation is well, and what to do where it is not',
  slow: true,
  parse(words) {
    if (words.length > 0) return { ok: false, problem: 'doctor takes no words' };
    return {
      ok: true,
      async run({ check }) {
        return { kind: 'answer', answer: doctorAnswer(await check()) };
      },
    };
  },
};

/** What was found, in the order of the checks, and the next steps. */
export function doctorAnswer(results: Awaited<ReturnType<CommandPorts['check']>>): Answer {
  const ill = results.filter(({ ok }) => !ok).length;
  return {
    title: ill === 0 ? `All ${results.length} checks are well` : `${ill} of ${results.length} checks found something`,
    lines: [],
    table: {
      columns: ['check', 'found'],
      rows: results.map((result) => [result.name, result.ok ? result.detail : result.problem]),
    },
    notes: results.flatMap((result) =>
      result.ok ? [] : [{ text: `${result.name}: ${result.problem}`, nextStep: result.nextStep }],
    ),
  };
}
