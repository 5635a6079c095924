import { numberWords } from '../chat/words.ts';
import { observedCeiling } from '../evidence/observed-ceiling.ts';
import { rowsOf } from '../evidence/rows.ts';
import { timeline } from '../evidence/timeline.ts';
import { type Limit, limitFor } from '../limits.ts';
import type { Evidence, Resource } from '../model.ts';
import { type Command, type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { findResource } from './find-resource.ts';
import { storedEvidence } from './look.ts';

/** What a resource may be asked, as published, and as its newest incident showed it. */
export const limits: Command = {
  name: 'limits',
  usage: 'limits <resource>',
  example: 'limits kv-contoso',
  summary: 'what may be asked of it, as published and as observed',
  parse(words) {
    const [typed, ...rest] = words;
    if (typed === undefined || rest.length > 0) return { ok: false, problem: 'limits takes one resource' };
    return {
      ok: true,
      async run(deps) {
        const found = await findResource(deps, typed);
        if (!found.ok) return found.reply;
        const { resource, incidents } = found;
        const own = limitsOf(deps, resource);
        if (own.length === 0)
          return plainAnswer(`No published limit of ${resource.name} is known`, [`Its type is ${resource.type}`]);
        const [newest] = incidents;
        return answerOf(deps, resource, own, newest && (await storedEvidence(deps, newest.id)));
      },
    };
  },
};

function limitsOf({ policy }: CommandDeps, resource: Resource): Limit[] {
  const classes = new Set(policy.limits.limits.map((limit) => limit.class));
  return [...classes].flatMap((name) => limitFor(policy.limits, resource, name) ?? []);
}

function answerOf(
  { policy }: CommandDeps,
  resource: Resource,
  own: readonly Limit[],
  evidence: Evidence | null | undefined,
): Reply {
  const seen = !evidence ? [] : (rowsOf(evidence, timeline) ?? []);
  const rows = own.map((limit) => {
    const ceiling = observedCeiling(seen, limit.class, limit.windowSeconds);
    const observed =
      ceiling === null
        ? '–'
        : `${numberWords(ceiling.median)} (${numberWords(ceiling.p10)} to ${numberWords(ceiling.p90)})`;
    return [
      limit.class,
      `${numberWords(limit.max)} in ${limit.windowSeconds} s`,
      limit.countsRefused ? 'yes' : 'no',
      observed,
    ];
  });
  const sources = [...new Set(own.map(({ source, readOn }) => `${source}, read ${readOn}`))];
  return {
    kind: 'answer',
    answer: {
      title: `Limits of ${resource.name} (profile ${policy.limits.name})`,
      lines: [],
      table: { columns: ['class', 'published', 'refused count', 'observed'], rows },
      notes: [
        ...sources.map((text) => ({ text })),
        { text: 'Observed: what was served while the service refused; told only by an incident with refusals' },
      ],
    },
  };
}
