import { clockWords, timeWords } from '../chat/words.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import { evidenceWindow } from '../incidents/window.ts';
import type { Evidence, Note, Reading, Resource } from '../model.ts';
import { timeNow } from '../pipeline/deps.ts';
import { gather } from '../pipeline/gather.ts';
import { evidenceName } from '../pipeline/keys.ts';
import { type CommandDeps, plainAnswer, type Reply } from './command.ts';
import { findResource } from './find-resource.ts';
import { type WindowChoice, windowAt } from './window.ts';

/** What the logs say of one resource in one window, and what to add about where that comes from. */
export type Looked = { ok: true; resource: Resource; evidence: Evidence; notes: Note[] } | { ok: false; reply: Reply };

const DEFAULT_BACK_MS = 3_600_000;
const STORE_TIMEOUT_MS = 45_000;
/** Of a resource, newest first: the evidence of older ones may be gone. */
const STORED_TRIED = 5;

/**
 * Asks the log stores; where none holds the resource, what was kept of its newest incidents. `also` is welcome, and not needed. Without a window it is that of
 * the open incident, else the last hour.
 */
export async function look(
  deps: CommandDeps,
  asked: { typed: string; kinds: readonly string[]; also?: readonly string[]; window: WindowChoice | undefined },
): Promise<Looked> {
  const found = await findResource(deps, asked.typed);
  if (!found.ok) return found;
  const { resource, incidents } = found;
  const readers = deps.policy.mayRead(resource) ? deps.readers.filter((reader) => reader.covers(resource)) : [];
  if (readers.length === 0) return lookBack(deps, resource, incidents, asked.window);
  const window = windowOf(deps, incidents, asked.window);
  const evidence = await gather(
    { readers, clock: deps.clock },
    {
      resource,
      ...window,
      kinds: [...asked.kinds, ...(asked.also ?? [])],
      windows: ['incident'],
      timeoutMs: STORE_TIMEOUT_MS,
    },
  );
  const failed = evidence.readings.find(
    (reading) => asked.kinds.includes(reading.kind) && reading.state === 'unavailable',
  );
  return failed ? { ok: false, reply: unreadable(resource, failed) } : { ok: true, resource, evidence, notes: [] };
}

function windowOf(deps: CommandDeps, incidents: readonly IncidentRecord[], choice: WindowChoice | undefined) {
  const open = incidents.find(({ lifecycle, synthetic }) => lifecycle.state === 'open' && synthetic === undefined);
  if (choice === undefined && open) return evidenceWindow(open, timeNow(deps.clock));
  return windowAt(choice ?? { backMs: DEFAULT_BACK_MS }, deps.clock.now(), deps.settings.timeZone);
}

/** What was read for incidents is kept; it is all there is where no store can be asked now. */
async function lookBack(
  deps: CommandDeps,
  resource: Resource,
  incidents: readonly IncidentRecord[],
  choice: WindowChoice | undefined,
): Promise<Looked> {
  const window = choice && windowAt(choice, deps.clock.now(), deps.settings.timeZone);
  for (const { id } of incidents.slice(0, STORED_TRIED)) {
    const evidence = await storedEvidence(deps, id);
    if (!evidence || evidence.readings.every(({ state }) => state === 'unavailable')) continue;
    if (window && (evidence.to <= window.from || evidence.from >= window.to)) continue;
    const note = { text: `From the logs read for incident ${id}: ${spanWords(evidence)}` };
    return { ok: true, resource, evidence, notes: [note] };
  }
  const inScope = deps.policy.mayRead(resource);
  const what = window ? ' in that time' : '';
  return {
    ok: false,
    reply: plainAnswer(`Nothing of ${resource.name} was read${what}`, [
      inScope
        ? 'No log store that can be asked holds it: name exported audit logs in HEADROOM_LOGS'
        : 'It lies in no configured scope: add its subscription or account to scopes in headroom.json',
    ]),
  };
}

/** What was read for an incident last, if it is still kept. This product wrote it; rows are checked by whoever reads them. */
export async function storedEvidence(deps: CommandDeps, incidentId: string): Promise<Evidence | null> {
  const bytes = await deps.payloads.get(evidenceName(incidentId));
  return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
}

function unreadable(resource: Resource, reading: Reading): Reply {
  const nextStep = reading.state === 'unavailable' ? reading.nextStep : '';
  return plainAnswer(`The logs of ${resource.name} could not be read`, [nextStep]);
}

/** `2026-11-20 13:50 UTC to 14:20 UTC` */
export function spanWords({ from, to }: Pick<Evidence, 'from' | 'to'>): string {
  return `${timeWords(from)} to ${clockWords(to, from)}`;
}
