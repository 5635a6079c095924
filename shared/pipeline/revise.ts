import { createHash } from 'node:crypto';
import { buildMessage } from '../chat/message.ts';
import { type Destination, desireRevision, holdBack, reasonOf } from '../incidents/effects.ts';
import { decideOutcomes } from '../incidents/outcome.ts';
import { type IncidentRecord, isPosted } from '../incidents/record.ts';
import type { Time } from '../model.ts';
import type { Policy } from './deps.ts';

/**
 * What follows from a change of the incident: the outcome of each alert, and, when the content of its message is another
 * one, a new revision and the effects that bring it to its destinations. Pure.
 */
export function revise(
  before: IncidentRecord | null,
  changed: IncidentRecord,
  context: {
    policy: Policy;
    destinations: readonly Destination[];
    now: Time;
    attached?: boolean;
    /** A person asked for the change, and wants to see it: also where it is the silence itself. */
    byPerson?: boolean;
  },
): IncidentRecord {
  const { policy, now } = context;
  const routed = policy.route(changed, context.destinations);
  const decided = decideOutcomes(changed, {
    now,
    inMaintenance: policy.inMaintenance(changed.resource, now),
    destinations: routed.map(({ key }) => key),
    attached: context.attached ?? false,
    summarised: routed.every(({ key }) => isSummarised(changed, key)),
  });
  if (!isPosted(decided) || (isHushed(decided, now) && !context.byPerson)) return decided;
  const audience = told(decided, routed, context.destinations);
  const contentHash = hashContent(decided, policy, context.destinations);
  if (contentHash === decided.contentHash) return decided;
  const revision = decided.revision + 1;
  const reason = before && isPosted(before) ? reasonOf(before, decided) : 'post';
  const heldUntil = policy.heldUntil(decided, now);
  const desired = desireRevision(decided.effects, audience, revision, reason);
  const effects = desired.map((effect) => holdBack(effect, heldUntil));
  return { ...decided, revision, contentHash, effects };
}

function isSummarised({ summarisedIn }: IncidentRecord, destination: string): boolean {
  return summarisedIn?.[destination] !== undefined;
}

/**
 * Where it is routed now, and where it stands already: a message is brought up to date wherever it was once sent. A
 * destination that is told of it in the summary of a storm gets no message beside.
 */
function told(
  record: IncidentRecord,
  routed: readonly Destination[],
  all: readonly Destination[],
): readonly Destination[] {
  const keys = new Set([...routed, ...record.effects].map(({ key }) => key));
  return all.filter(({ key }) => keys.has(key) && !isSummarised(record, key));
}

/** A silenced incident is kept up to date but not edited, until the silence ends or it is over. */
function isHushed(record: IncidentRecord, now: Time): boolean {
  return record.silencedUntil !== undefined && record.silencedUntil > now && record.lifecycle.state === 'open';
}

/** Of all that its message says, wherever it is sent. */
export function hashContent(
  record: IncidentRecord,
  policy: Policy,
  destinations: readonly Pick<Destination, 'key'>[],
): string {
  const keys = destinations.map(({ key }) => key);
  // How far a message has got to one destination is no content of it.
  const message = buildMessage(
    { ...record, revision: 0, effects: [] },
    { privacy: policy.privacyOf(record, keys), isQuiet: (at) => policy.quietUntil(at) !== null },
  );
  return createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 32);
}
