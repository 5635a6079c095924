import { nearest } from '../config/nearest.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { Resource } from '../model.ts';
import { listIncidents } from '../pipeline/read.ts';
import { parseResource } from '../sources/resource.ts';
import { type CommandDeps, plainAnswer, type Reply } from './command.ts';

/** A resource that has a name here: from the settings, the scopes, or an incident of the last 31 days. */
type Known = { resource: Resource; names: string[]; incidents: IncidentRecord[] };

export type FoundResource = { ok: true; resource: Resource; incidents: IncidentRecord[] } | { ok: false; reply: Reply };

/** Incidents looked through, newest first. */
const LOOKED_THROUGH = 100;
const NAMED_MAX = 8;
const SHOWN_CHARACTERS = 60;
/** `kv-contoso.vault.azure.net`, with or without scheme and path: people paste what they have. */
const VAULT_HOST =
  /^(?:https?:\/\/)?([a-z0-9-]{3,24})\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)(?:[:/].*)?$/i;

/**
 * The one resource that was meant: by ARM id or ARN, by its name, or by a part of its name that no other one has. Several
 * are asked about, none is answered with the nearest.
 */
export async function findResource(deps: CommandDeps, typed: string): Promise<FoundResource> {
  const known = await knownResources(deps);
  const given = parseResource(typed);
  if (given) {
    const same = known.find(({ resource }) => resource.id === given.id);
    return { ok: true, resource: same?.resource ?? given, incidents: same?.incidents ?? [] };
  }
  const matches = matching(known, VAULT_HOST.exec(typed)?.[1] ?? typed);
  const [only, another] = matches;
  if (only && !another) return { ok: true, resource: only.resource, incidents: only.incidents };
  return { ok: false, reply: only ? askWhich(typed, matches) : unknown(typed, known) };
}

/** The known resources that a word may mean: those of exactly this name, else that begin so, else that hold it. */
export function matching(known: readonly Known[], typed: string): Known[] {
  const word = typed.toLowerCase();
  for (const fits of [
    (name: string) => name === word,
    (name: string) => name.startsWith(word),
    (name: string) => name.includes(word),
  ]) {
    const found = known.filter(({ names }) => names.some((name) => fits(name.toLowerCase())));
    if (found.length > 0) return found;
  }
  return [];
}

export async function knownResources(deps: CommandDeps): Promise<Known[]> {
  const { incidents } = await listIncidents(deps, { limit: LOOKED_THROUGH });
  const known = new Map<string, Known>();
  const of = (resource: Resource): Known => {
    const entry = known.get(resource.id) ?? { resource, names: [resource.name], incidents: [] };
    known.set(resource.id, entry);
    return entry;
  };
  for (const incident of incidents) of(incident.resource).incidents.push(incident);
  for (const [id, { displayName }] of Object.entries(deps.settings.resources)) {
    const resource = parseResource(id);
    if (resource) of(resource).names.push(...(displayName === undefined ? [] : [displayName]));
  }
  for (const scope of deps.settings.scopes) {
    const resource = parseResource(scope);
    if (resource && !resource.type.startsWith('microsoft.resources/')) of(resource);
  }
  return [...known.values()];
}

function askWhich(typed: string, matches: readonly Known[]): Reply {
  const shown = matches.slice(0, NAMED_MAX).map(({ resource }) => nameAmong(resource, matches));
  const more = matches.length > NAMED_MAX ? [`and ${matches.length - NAMED_MAX} more`] : [];
  return plainAnswer(`Which '${typed.slice(0, SHOWN_CHARACTERS)}'? Several resources are named so`, [
    ...shown,
    ...more,
  ]);
}

/** Two resources of one name are told by their ids. */
function nameAmong(resource: Resource, matches: readonly Known[]): string {
  const sameName = matches.filter((other) => other.resource.name === resource.name).length > 1;
  return sameName ? resource.id : resource.name;
}

function unknown(typed: string, known: readonly Known[]): Reply {
  const near = nearest(
    typed,
    known.flatMap(({ names }) => names),
  );
  return plainAnswer(`No resource '${typed.slice(0, SHOWN_CHARACTERS)}' is known here`, [
    ...(near === undefined ? [] : [`Did you mean '${near}'?`]),
    'Name it by its ARM id or ARN, or give it a name under resources in headroom.json',
  ]);
}
