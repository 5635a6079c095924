import type { IncidentRecord } from '../incidents/record.ts';
import type { Source, Time } from '../model.ts';
import type { ReceiveDeps } from './deps.ts';
import { receiveAlerts } from './receive.ts';
import type { KeptPayload } from './replay-find.ts';

/** Dead letters that are looked through. */
const DEAD_LETTERS_MAX = 1_000;

export type ReplayDeps = ReceiveDeps & { sources: readonly Source[] };

/** What was done with one payload. */
export type ReplayedPayload = { id: string; receivedAt: Time } & (
  | { done: 'taken-in'; incidents: string[] }
  /** It stands in incidents already; these are worked out anew. */
  | { done: 'known'; incidents: string[] }
  | { done: 'refused'; error: string }
);

export type Replayed = {
  payloads: ReplayedPayload[];
  /** Incidents that are worked out anew, and how much of their work had failed for good and is tried again. */
  incidents: { id: string; letters: number }[];
};

/**
 * Plays what was found once more, as of now, with the rules of this process: a payload that no incident has taken in goes
 * through receive again; an incident is worked out anew, with what of its work had failed for good. Doing it twice does
 * nothing twice. The work itself waits in the queue for a worker.
 */
export async function replayFound(
  deps: ReplayDeps,
  found: { payloads: readonly KeptPayload[]; incidents: readonly IncidentRecord[] },
): Promise<Replayed> {
  const payloads: ReplayedPayload[] = [];
  for (const payload of found.payloads) payloads.push(await replayPayload(deps, payload));
  const incidents: Replayed['incidents'] = [];
  for (const record of found.incidents) incidents.push({ id: record.id, letters: await workAnew(deps, record) });
  return { payloads, incidents };
}

async function replayPayload(deps: ReplayDeps, kept: KeptPayload): Promise<ReplayedPayload> {
  const { key, stored } = kept;
  const inbox = stored.value;
  const told = { id: key.id, receivedAt: inbox.receivedAt };
  if (inbox.state === 'taken')
    return { ...told, done: 'known', incidents: [...new Set(inbox.alerts.map(({ incidentId }) => incidentId))] };
  const refused = (error: string): ReplayedPayload => ({ ...told, done: 'refused', error });
  if (!kept.readable) return refused(kept.why);
  const source = deps.sources.find(({ name }) => name === inbox.source);
  if (!source) return refused(`no source named ${inbox.source} is known`);
  // Asked first, so that what is still not understood is not kept once more.
  const parsed = source.parse(kept.body, inbox.receivedAt);
  if (!parsed.ok) return refused(`${parsed.error}${parsed.path === '' ? '' : ` (at ${parsed.path})`}`);
  const received = await receiveAlerts(deps, { source, body: kept.body, raw: kept.raw });
  if (!received.ok) return refused(received.error);
  if (inbox.state === 'dead') await deps.records.delete(key, stored.revision);
  return { ...told, done: 'taken-in', incidents: received.incidents };
}

/** @returns how much of its work had failed for good */
async function workAnew(deps: ReplayDeps, record: IncidentRecord): Promise<number> {
  const dead = (await deps.queue.dead(DEAD_LETTERS_MAX)).filter(({ message }) => message.incidentId === record.id);
  for (const letter of dead) {
    await deps.queue.send(letter.message);
    await letter.remove();
  }
  // A late-log run of its own: its minute was planned by nobody, so nobody has done it.
  const runMinutes = Math.max(1, Math.round((deps.clock.now() - Date.parse(record.openedAt)) / 60_000));
  await deps.queue.send({ v: 1, incidentId: record.id, runMinutes });
  return dead.length;
}
