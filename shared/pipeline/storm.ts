import { desireRevision } from '../incidents/effects.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import { emptySummary, isCalm, lineOfMember, openStorm, type StormMember, withMembers } from '../incidents/storm.ts';
import type { EffectReason, Time } from '../model.ts';
import { type OpenRecord, syncPointer } from './claim.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';
import { indexKey, memberKey, openKey, stormPartition } from './keys.ts';
import { hashContent } from './revise.ts';
import { admit, endStorm } from './storm-gate.ts';
import { readVersioned } from './versions.ts';

/** The first message waits for what opens at the same moment; later ones are edits, and a person reads no quicker. */
const FIRST_LOOK_MS = 3_000;
const LOOK_EVERY_MS = 10_000;

const PAGE = 1_000;

/** Where a new incident is told in the summary of a storm instead of in a message of its own: destination to storm. */
export async function summarise(deps: WorkDeps, incident: IncidentRecord): Promise<Record<string, string>> {
  // What the provider says of its service may be what all of them share.
  if (incident.synthetic !== undefined || incident.family === 'platform') return {};
  const routed = deps.policy.route(incident, deps.senders);
  const answers = await Promise.all(routed.map(async ({ key }) => [key, await admit(deps, incident.id, key)] as const));
  return Object.fromEntries(answers.flatMap(([key, stormId]) => (stormId === null ? [] : [[key, stormId]])));
}

/**
 * Writes what an incident says of itself to the storms that tell of it, and has them looked over. Called after each change
 * of such an incident; calling it again changes nothing.
 */
export async function tellStorms(deps: WorkDeps, record: IncidentRecord): Promise<void> {
  for (const [destination, stormId] of Object.entries(record.summarisedIn ?? {})) {
    await writeMember(deps, stormId, record);
    // Also where it stood there already: whoever wrote it may have died before this.
    await wakeStorm(deps, stormId, destination);
  }
}

async function writeMember(deps: WorkDeps, stormId: string, record: IncidentRecord): Promise<void> {
  const key = memberKey(stormId, record.id);
  let now = record;
  for (;;) {
    const stored = await deps.records.get<StormMember>(key);
    const line = lineOfMember(now);
    if (stored && JSON.stringify(stored.value.line) === JSON.stringify(line)) return;
    const joinedAt = stored?.value.joinedAt ?? timeNow(deps.clock);
    const written = await deps.records.put<StormMember>(key, { v: 1, joinedAt, line }, stored?.revision ?? 'absent');
    if (!stored && written !== 'conflict') return;
    // Of two workers that change it one after the other, the first may write last: look again until nothing differs.
    now = (await readIncident(deps, record.id))?.value ?? now;
  }
}

/** Has the storm looked over soon; makes its incident when there is none yet. Of many that ask, one comes back. */
async function wakeStorm(deps: WorkDeps, stormId: string, destination: string): Promise<void> {
  const now = timeNow(deps.clock);
  const fresh = openStorm(stormId, emptySummary(destination, deps.policy.stormPerMinute ?? 0, now));
  const wait: { ms: number | null } = { ms: null };
  await updateIncident(deps, stormId, async (record) => {
    wait.ms = null;
    // Before the storm itself, so that the sweep finds it when whoever makes it dies.
    if (!record) await point(deps, fresh);
    if (record?.look?.worker !== undefined)
      return record.look.again ? record : { ...record, look: { ...record.look, again: true } };
    if (record?.look) return record;
    wait.ms = record ? LOOK_EVERY_MS : FIRST_LOOK_MS;
    return { ...(record ?? fresh), look: { at: later(now, wait.ms) } };
  });
  if (wait.ms !== null) await deps.queue.send({ v: 1, incidentId: stormId }, { delayMs: wait.ms });
}

async function point({ records }: WorkDeps, { id, fingerprint, openedAt }: IncidentRecord): Promise<void> {
  const pointer: OpenRecord = { v: 1, incidentId: id, scope: 'headroom', family: 'storm', claimedAt: openedAt };
  await records.put(openKey(fingerprint), pointer, 'absent');
}

/**
 * Looks over a storm whose time has come: counts its incidents, brings its message up to date, ends it when it is calm.
 * One worker at a time.
 *
 * @returns when to look again, in milliseconds; null when there is nothing to look for, or somebody else does
 */
export async function lookOver(deps: WorkDeps, stormId: string): Promise<number | null> {
  const { claimed, waitMs } = await claimLook(deps, stormId);
  if (!claimed?.storm) return waitMs;
  // By which people find it; a first look that died has not told anyone yet.
  if (claimed.revision === 0)
    await deps.records.put(indexKey(claimed.storm.since, stormId), { v: 1, incidentId: stormId }, 'absent');
  const members = await membersOf(deps, stormId);
  const now = timeNow(deps.clock);
  const calm = isCalm(members, claimed.storm, now);
  if (calm && claimed.storm.overAt === undefined) await endStorm(deps, claimed.storm.destination, stormId);
  const next: { waitMs: number | null } = { waitMs: null };
  const { after } = await updateIncident(deps, stormId, (record) => {
    next.waitMs = null;
    // Another worker has taken over since, with a later list.
    if (!record?.look || record.look.worker !== deps.worker || record.look.at !== claimed.look?.at) return record;
    const { look, ...rest } = record;
    const counted = revised(deps, rest, withMembers(rest, members, calm ? now : undefined), now);
    if (!look.again && counted.storm?.overAt !== undefined) return counted;
    next.waitMs = LOOK_EVERY_MS;
    return { ...counted, look: { at: later(now, next.waitMs) } };
  });
  if (after) await syncPointer(deps.records, after);
  return next.waitMs;
}

type ClaimedLook = { claimed: IncidentRecord | null; waitMs: number | null };

async function claimLook(deps: WorkDeps, stormId: string): Promise<ClaimedLook> {
  const found: { isOurs: boolean; waitMs: number | null } = { isOurs: false, waitMs: null };
  const { after } = await updateIncident(deps, stormId, (record) => {
    Object.assign(found, { isOurs: false, waitMs: null });
    const nowMs = deps.clock.now();
    if (!record?.look) return record;
    const earlyMs = Date.parse(record.look.at) - nowMs;
    if (earlyMs > 0) {
      // A message that comes for a later look is a repeat; clocks differ by less.
      if (record.look.worker === undefined && earlyMs < LOOK_EVERY_MS / 2) found.waitMs = earlyMs;
      return record;
    }
    found.isOurs = true;
    return { ...record, look: { at: later(timeNow(deps.clock), deps.timing.leaseMs), worker: deps.worker } };
  });
  return { claimed: found.isOurs ? after : null, waitMs: found.waitMs };
}

async function membersOf(deps: WorkDeps, stormId: string): Promise<StormMember[]> {
  const members: StormMember[] = [];
  let last: string | undefined;
  for (;;) {
    const page = await deps.records.list<StormMember>(stormPartition(stormId), {
      limit: PAGE,
      ...(last === undefined ? {} : { after: last }),
    });
    members.push(...page.map(({ id, value }) => readVersioned(`member ${id} of storm ${stormId}`, value)));
    last = page.at(-1)?.id;
    if (page.length < PAGE) return members;
  }
}

/** A new revision of its message where the content is another one. */
function revised(deps: WorkDeps, before: IncidentRecord, counted: IncidentRecord, now: Time): IncidentRecord {
  const contentHash = hashContent(counted, deps.policy, deps.senders);
  if (contentHash === before.contentHash) return counted;
  const destinations = deps.senders.filter(({ key }) => key === counted.storm?.destination);
  const revision = counted.revision + 1;
  const effects = desireRevision(counted.effects, destinations, revision, reasonOf(before, counted));
  const turned = before.lifecycle.state === counted.lifecycle.state ? null : counted.lifecycle.state;
  const next = { ...counted, revision, contentHash, effects };
  return turned === null ? next : withLedger(next, { at: now, step: turned === 'resolved' ? 'resolved' : 'reopened' });
}

/** A destination that cannot edit is told that it began, what it was once it is calm, and that all of it is over. */
function reasonOf(before: IncidentRecord, counted: IncidentRecord): EffectReason {
  if (before.effects.length === 0) return 'post';
  if (before.lifecycle.state === 'open' && counted.lifecycle.state === 'resolved') return 'resolve';
  return before.storm?.overAt === undefined && counted.storm?.overAt !== undefined ? 'finding' : 'update';
}

function later(time: Time, ms: number): Time {
  return new Date(Date.parse(time) + ms).toISOString();
}
