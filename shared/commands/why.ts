import { buildMessage } from '../chat/message.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { getIncident, listIncidents } from '../pipeline/read.ts';
import { type Command, type CommandDeps, plainAnswer } from './command.ts';

/** The whole message of one incident: by its id, or that of a resource by its name: open before resolved, newest first. */
export const why: Command = {
  name: 'why',
  usage: 'why <incident>',
  example: 'why k3f7q2ab',
  summary: 'what happened, who caused it, who is hurt, what to do',
  parse(words) {
    const [given, ...rest] = words;
    if (given === undefined || rest.length > 0) return { ok: false, problem: 'why takes one incident or resource' };
    const wanted = given.toLowerCase();
    return {
      ok: true,
      async run(deps) {
        const record = await find(deps, wanted);
        if (!record) return plainAnswer(`No incident '${given.slice(0, 60)}'`, ["'status' lists the open ones"]);
        return { kind: 'message', message: buildMessage(record, { privacy: deps.privacy }) };
      },
    };
  },
};

async function find(deps: CommandDeps, wanted: string): Promise<IncidentRecord | null> {
  const byId = await getIncident(deps, wanted);
  if (byId) return byId;
  const { incidents } = await listIncidents(deps, { limit: 100 });
  const named = incidents.filter((incident) => incident.resource.name.toLowerCase() === wanted);
  return named.toSorted((a, b) => interest(b) - interest(a))[0] ?? null;
}

/** What somebody who names a resource means: what is going on there, rather than what is over or was a test. */
function interest(incident: IncidentRecord): number {
  return (incident.lifecycle.state === 'open' ? 4 : 0) + (incident.synthetic ? 0 : 8) + (incident.diagnosedAt ? 1 : 0);
}
