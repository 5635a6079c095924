import { createMask } from '../chat/privacy.ts';
import { countWords, numberWords, percentWords } from '../chat/words.ts';
import { callerOf } from '../diagnoses/caller.ts';
import { type CallerRow, callers } from '../evidence/callers.ts';
import { owners } from '../evidence/owners.ts';
import { rowsOf } from '../evidence/rows.ts';
import { namingFrom } from '../pipeline/naming.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { type Looked, look, spanWords } from './look.ts';
import { takeWindow } from './window.ts';

/** Who asked most of a resource, and who was refused. */
export const top: Command = {
  name: 'top',
  usage: 'top <resource> [window]',
  example: 'top kv-contoso 2h',
  summary: 'who asks most of it, and who is refused',
  slow: true,
  parse(words) {
    const taken = takeWindow(words);
    if (!taken.ok) return taken;
    const [typed, ...rest] = taken.rest;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'top takes one resource, and a window' };
    return {
      ok: true,
      async run(deps) {
        const looked = await look(deps, { typed, kinds: [callers.kind], also: [owners.kind], window: taken.window });
        return looked.ok ? answerOf(deps, looked) : looked.reply;
      },
    };
  },
};

function answerOf({ privacy, policy }: CommandDeps, { resource, evidence, notes }: Looked & { ok: true }): Reply {
  const rows = rowsOf(evidence, callers) ?? [];
  const requests = sum(rows, (row) => row.requests);
  const refused = sum(rows, (row) => row.refused);
  const span = spanWords(evidence);
  if (rows.length === 0)
    return plainAnswer(
      `Nobody asked anything of ${resource.name}, ${span}`,
      notes.map(({ text }) => text),
    );
  const nameCaller = namingFrom(evidence, policy.nameCaller);
  const named = rows.map((row) => nameCaller(callerOf(row)));
  const mask = createMask({ findings: [], callers: named }, privacy, false);
  const shown = rows.map((row, index) => [
    mask.caller(named[index] ?? callerOf(row)),
    numberWords(row.requests),
    percentWords(row.requests / requests),
    numberWords(row.refused),
    numberWords(row.peak10s),
    numberWords(row.addresses),
  ]);
  const refusals = refused === 0 ? 'none refused' : `${numberWords(refused)} refused`;
  return {
    kind: 'answer',
    answer: {
      title: `${resource.name}: ${countWords(requests, 'request')} by ${countWords(rows.length, 'caller')}, ${refusals}`,
      lines: [span],
      table: { columns: ['caller', 'requests', 'share', 'refused', 'peak 10 s', 'addresses'], rows: shown },
      notes,
    },
  };
}

function sum(rows: readonly CallerRow[], of: (row: CallerRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
