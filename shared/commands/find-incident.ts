import { timeWords } from '../chat/words.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { getIncident } from '../pipeline/read.ts';
import { type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { knownResources, matching } from './find-resource.ts';

export type FoundIncident = { ok: true; record: IncidentRecord } | { ok: false; reply: Reply };

const SHOWN_CHARACTERS = 60;

/** The incident that somebody wants to read about: by its id, or the most telling one of a resource. */
export async function findIncident(deps: CommandDeps, typed: string): Promise<FoundIncident> {
  const found = await candidates(deps, typed);
  const [first] = found.toSorted((a, b) => interest(b) - interest(a));
  return first ? { ok: true, record: first } : { ok: false, reply: noIncident(typed) };
}

/** The incident that somebody wants to change: by its id, or the only open one that the name can mean. */
export async function findOpenIncident(deps: CommandDeps, typed: string): Promise<FoundIncident> {
  const found = await candidates(deps, typed);
  const open = found.filter(({ lifecycle }) => lifecycle.state === 'open');
  if (open.length > 1) return { ok: false, reply: askWhich(typed, open) };
  const record = open[0] ?? found[0];
  return record ? { ok: true, record } : { ok: false, reply: noIncident(typed) };
}

function askWhich(typed: string, open: readonly IncidentRecord[]): Reply {
  const lines = open.map(
    ({ id, resource, family, openedAt }) => `${id}: ${resource.name}, ${family}, since ${timeWords(openedAt)}`,
  );
  return plainAnswer(`Which one? '${typed.slice(0, SHOWN_CHARACTERS)}' has ${open.length} open incidents`, lines);
}

async function candidates(deps: CommandDeps, typed: string): Promise<IncidentRecord[]> {
  const word = typed.toLowerCase();
  const byId = await getIncident(deps, word);
  if (byId) return [byId];
  const known = (await knownResources(deps)).filter(({ incidents }) => incidents.length > 0);
  return matching(known, word).flatMap(({ incidents }) => incidents);
}

function noIncident(typed: string): Reply {
  return plainAnswer(`No incident '${typed.slice(0, SHOWN_CHARACTERS)}'`, ["'status' lists the open ones"]);
}

/** What somebody who names a resource means: what is going on there, rather than what is over or was a test. */
function interest(incident: IncidentRecord): number {
  return (incident.lifecycle.state === 'open' ? 4 : 0) + (incident.synthetic ? 0 : 8) + (incident.diagnosedAt ? 1 : 0);
}
