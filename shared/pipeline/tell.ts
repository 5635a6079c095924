import type { IncidentRecord } from '../incidents/record.ts';
import type { Effect, RecordKey } from '../model.ts';
import type { Measurement } from '../ports.ts';
import type { InboxRecord } from './inbox.ts';

/**
 * What an accepted write of a record says about the flow. A write counts once, however often a step is repeated, so these
 * figures are those of the durable truth.
 *
 * @param before what stood there; undefined for nothing
 */
export function tellWrite(key: RecordKey, before: unknown, after: unknown): Measurement[] {
  if (key.partition.startsWith('inbox/') && isInbox(after))
    return tellInbox(isInbox(before) ? before : undefined, after);
  if (key.partition.startsWith('incident/') && key.id === 'state' && isIncident(after))
    return tellIncident(isIncident(before) ? before : undefined, after);
  return [];
}

function tellInbox(before: InboxRecord | undefined, after: InboxRecord): Measurement[] {
  const { source } = after;
  if (after.state === 'dead')
    return before?.state === 'dead'
      ? []
      : [{ kind: 'count', name: 'headroom.payloads.refused', by: 1, attributes: { source } }];
  const known = before !== undefined && 'alerts' in before ? (before.alerts?.length ?? 0) : 0;
  const by = (after.alerts?.length ?? 0) - known;
  return by > 0 ? [{ kind: 'count', name: 'headroom.alerts.received', by, attributes: { source } }] : [];
}

function tellIncident(before: IncidentRecord | undefined, after: IncidentRecord): Measurement[] {
  return [...tellOutcomes(before, after), ...tellEffects(before, after), ...tellDelay(before, after)];
}

function tellOutcomes(before: IncidentRecord | undefined, after: IncidentRecord): Measurement[] {
  const decided = new Set(before?.accepted.filter(({ outcome }) => outcome !== undefined).map(({ id }) => id));
  return after.accepted.flatMap(({ id, outcome }) =>
    outcome === undefined || decided.has(id)
      ? []
      : [{ kind: 'count', name: 'headroom.alerts.settled', by: 1, attributes: { outcome } } as const],
  );
}

function tellEffects(before: IncidentRecord | undefined, after: IncidentRecord): Measurement[] {
  return after.effects.flatMap((effect) => {
    const stood = before?.effects.find(({ key }) => key === effect.key);
    const destination = effect.key.split(':', 1)[0] ?? 'chat';
    const told: Measurement[] = [];
    if (isNewlySent(stood, effect)) told.push(one('headroom.posts.sent', { destination, reason: effect.reason }));
    if (effect.state === 'failed' && stood?.state !== 'failed')
      told.push(one('headroom.posts.failed', { destination, kind: effect.kind }));
    if (effect.unsure !== undefined && effect.unsure !== stood?.unsure)
      told.push(one('headroom.posts.unsure', { destination, why: effect.unsure }));
    if (effect.possibleRepeat === true && stood?.possibleRepeat !== true)
      told.push(one('headroom.posts.possible_repeat', { destination }));
    return told;
  });
}

function isNewlySent(stood: Effect | undefined, effect: Effect): boolean {
  return effect.delivered !== undefined && effect.delivered.at !== stood?.delivered?.at;
}

/** From the receipt of the first alert to its message. */
function tellDelay(before: IncidentRecord | undefined, after: IncidentRecord): Measurement[] {
  const posted = after.ledger.find(({ step }) => step === 'posted');
  const [first] = after.accepted;
  if (posted === undefined || first === undefined || before?.ledger.some(({ step }) => step === 'posted')) return [];
  const value = Math.max(0, Date.parse(posted.at) - Date.parse(first.receivedAt)) / 1_000;
  return [{ kind: 'spread', name: 'headroom.alert.to_post', value, unit: 's' }];
}

function one(name: string, attributes: Record<string, string>): Measurement {
  return { kind: 'count', name, by: 1, attributes };
}

function isInbox(value: unknown): value is InboxRecord {
  return typeof value === 'object' && value !== null && 'source' in value && 'state' in value;
}

function isIncident(value: unknown): value is IncidentRecord {
  return typeof value === 'object' && value !== null && 'accepted' in value && 'effects' in value && 'ledger' in value;
}
