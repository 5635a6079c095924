import { type ThreadEntry, threadOf } from '../chat/thread.ts';
import { asHeadroomError } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { ChatSender } from '../ports.ts';
import { withinDeadline } from './deadline.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';

/** Entries of one thread: an incident that flaps for ever does not fill it. */
const ENTRIES_MAX = 60;
const SEND_MS = 10_000;
const FIRST_PAUSE_MS = 5_000;

/** Kinds of failure after which the entry certainly does not stand there, and may some day. */
const NOT_TAKEN = new Set(['throttled', 'unavailable']);

/**
 * Tells what has happened since the first message in that message's thread, one entry each, where the destination has threads.
 * An entry is noted before it is sent: it never stands there twice, and is lost where its end is not known, since the message
 * itself says all of it.
 *
 * @returns when to look again, in milliseconds, where a destination asked for time
 */
export async function tellThreads(deps: WorkDeps, incidentId: string): Promise<number[]> {
  if (!deps.senders.some(({ reply }) => reply)) return [];
  const known = (await readIncident(deps, incidentId))?.value;
  if (!known) return [];
  const concerned = deps.senders.filter((sender) => nextEntry(deps, known, sender) !== null);
  const waits = await Promise.all(concerned.map((sender) => tellThread(deps, sender, incidentId)));
  return waits.filter((wait) => wait !== null);
}

/** Whether there is something to be told in a thread. */
export function isThreadDue(deps: WorkDeps, record: IncidentRecord): boolean {
  return deps.senders.some((sender) => nextEntry(deps, record, sender) !== null);
}

async function tellThread(deps: WorkDeps, sender: ChatSender, incidentId: string): Promise<number | null> {
  for (let round = 0; round < ENTRIES_MAX; round += 1) {
    const claimed = await claim(deps, sender, incidentId);
    if (!claimed) return null;
    const waitMs = await send(deps, sender, claimed);
    if (waitMs !== null) return waitMs;
  }
  return null;
}

type Claim = Next & { record: IncidentRecord };

async function claim(deps: WorkDeps, sender: ChatSender, incidentId: string): Promise<Claim | null> {
  const claimed: { next: Next | null } = { next: null };
  const { after } = await updateIncident(deps, incidentId, (record) => {
    claimed.next = record && nextEntry(deps, record, sender);
    return record && claimed.next ? withTold(record, sender.key, claimed.next.entry.id) : record;
  });
  return after && claimed.next ? { record: after, ...claimed.next } : null;
}

type Next = { entry: ThreadEntry; ref: string };

/** The oldest entry that its destination was not told; null where there is none, or no message to hang it on. */
function nextEntry(deps: WorkDeps, record: IncidentRecord, sender: ChatSender): Next | null {
  const effect = record.effects.find(({ key }) => key === sender.key);
  const ref = effect?.delivered?.ref;
  if (!sender.reply || ref === undefined || ref === null) return null;
  const told = record.threads?.[sender.key] ?? [];
  if (told.length >= ENTRIES_MAX) return null;
  const now = timeNow(deps.clock);
  const isSilenced = record.lifecycle.state === 'open' && (record.silencedUntil ?? '') > now;
  const privacy = deps.policy.privacyOf(record, [sender.key]);
  const entry = threadOf(record, privacy).find(({ id, byPerson }) => !told.includes(id) && (byPerson || !isSilenced));
  if (!entry) return null;
  return { entry: { ...entry, mention: entry.mention && deps.policy.quietUntil(now) === null }, ref };
}

async function send(deps: WorkDeps, sender: ChatSender, { record, entry, ref }: Claim): Promise<number | null> {
  const effect = record.effects.find(({ key }) => key === sender.key);
  if (!effect || !sender.reply) return null;
  const { reply } = sender;
  const { delivered: _delivered, ...asPost } = effect;
  try {
    await deps.levels.send(sender, asPost, record.id, () =>
      withinDeadline(deps.clock, SEND_MS, `telling the thread at ${sender.key}`, (signal) =>
        reply(ref, deps.threadRenderers[sender.platform](entry, deps.policy.mentionOf(record, sender.key)), signal),
      ),
    );
    return null;
  } catch (error) {
    const known = asHeadroomError(error, 'timed-out', `telling the thread at ${sender.key} failed`);
    const { kind, message, retryAfterMs } = known;
    deps.log.warn('thread-failed', { incident: record.id, destination: sender.key, kind, error: message });
    if (!NOT_TAKEN.has(kind)) return null;
    await updateIncident(deps, record.id, (standing) => standing && withoutTold(standing, sender.key, entry.id));
    return Math.max(retryAfterMs ?? 0, FIRST_PAUSE_MS);
  }
}

function withTold(record: IncidentRecord, key: string, id: string): IncidentRecord {
  return { ...record, threads: { ...record.threads, [key]: [...(record.threads?.[key] ?? []), id] } };
}

function withoutTold(record: IncidentRecord, key: string, id: string): IncidentRecord {
  const told = record.threads?.[key] ?? [];
  return { ...record, threads: { ...record.threads, [key]: told.filter((one) => one !== id) } };
}

/** What the first message says already is not told again below it. */
export function beginThread(record: IncidentRecord, posted: IncidentRecord, key: string): IncidentRecord {
  const known = threadOf(posted, 'full').map(({ id }) => id);
  return known.reduce((told, id) => withTold(told, key, id), record);
}
