import { type IncidentLine, lineOf, listIncidents } from '../pipeline/read.ts';
import type { Command } from './command.ts';

/** Incidents looked through, newest first. */
const LOOKED_THROUGH = 100;

/** The open incidents, newest first; with a word, only those whose resource's name holds it, resolved ones too. */
export const status: Command = {
  name: 'status',
  usage: 'status [resource]',
  example: 'status kv-contoso',
  summary: 'open incidents, or the latest of one resource',
  parse(words) {
    if (words.length > 1) return { ok: false, problem: 'status takes one resource at most' };
    const name = words[0]?.toLowerCase();
    return {
      ok: true,
      async run(deps) {
        const { incidents, next } = await listIncidents(deps, {
          limit: LOOKED_THROUGH,
          ...(name === undefined ? { state: 'open' } : {}),
        });
        // The canary never ends, and there is nothing to do about it.
        const found = incidents.filter(({ resource, synthetic }) =>
          name === undefined ? synthetic !== 'canary' : resource.name.toLowerCase().includes(name),
        );
        return {
          kind: 'answer',
          answer: {
            title: titleOf(found.length, name),
            lines: [],
            ...(found.length === 0
              ? {}
              : {
                  table: {
                    columns: ['incident', 'state', 'resource', 'signal', 'cause', 'opened (UTC)'],
                    rows: found.map((incident) => rowOf(lineOf(incident))),
                  },
                }),
            notes: [...(next === undefined ? [] : [{ text: `Only the newest ${LOOKED_THROUGH} were looked through` }])],
          },
        };
      },
    };
  },
};

function titleOf(count: number, name: string | undefined): string {
  const what = name === undefined ? 'open incident' : 'incident';
  const where = name === undefined ? '' : ` of resources named like '${name.slice(0, 40)}'`;
  if (count === 0) return `No ${what}${where}`;
  return `${count} ${what}${count === 1 ? '' : 's'}${where}`;
}

function rowOf(line: IncidentLine): string[] {
  const state = line.state === 'open' ? `sev ${line.severity}` : 'resolved';
  const mark = line.synthetic === undefined ? '' : `, ${line.synthetic}`;
  const opened = line.openedAt.slice(0, 16).replace('T', ' ');
  return [line.id, state + mark, line.resource, line.family, line.cause ?? '–', opened];
}
