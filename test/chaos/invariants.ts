import { createHash } from 'node:crypto';
import { neverAcknowledged } from '../../shared/adapters/bounds.ts';
import { buildMessage } from '../../shared/chat/message.ts';
import { RENDERERS } from '../../shared/chat/render.ts';
import type { IncidentRecord } from '../../shared/incidents/record.ts';
import type { ChatSender } from '../../shared/ports.ts';
import { legalState } from '../shared/incidents/legal-state.ts';
import { type FakeChat, isMarkedRepeat } from '../shared/pipeline/chat.ts';
import { plansBroken } from './approvals.ts';
import type { Installation, Sent } from './installation.ts';
import { stormsBroken } from './storms.ts';

export type Expected = {
  /** Ids of alerts that were answered 202. */
  accepted: ReadonlySet<string>;
  /** Of all that were sent, accepted or not. */
  offered: ReadonlySet<string>;
  /** Deliveries after which the queue lays a message aside. */
  maxAttempts: number;
};

/** What does not hold once all is quiet; one sentence each. */
export async function brokenRules(installation: Installation, expected: Expected): Promise<string[]> {
  const { sent, bot, webhook, deps, events } = installation;
  const incidents = await installation.incidents();
  return [
    ...outcomesBroken(incidents, expected),
    ...(await stormsBroken(installation, incidents)),
    ...(await plansBroken(installation, incidents)),
    ...incidents.flatMap((incident) => [
      ...(incident.storm ? [] : stateBroken(incident)),
      ...effectsBroken(incident),
      ...botBroken(bot, incident),
      ...webhookBroken(webhook, incident),
    ]),
    ...sentTwice(sent),
    ...sentBackwards(sent),
    ...(await queueBroken(deps.queue, expected)),
    ...(await installation.inbox())
      .filter(({ state }) => state !== 'taken')
      .map(({ key, state }) => `inbox record ${key.id} is left ${state}`),
    ...events
      .filter(({ fields }) => fields['kind'] === 'bug' || fields['kind'] === 'invalid')
      .map(({ event, fields }) => `${event}: ${String(fields['error'])}`),
  ];
}

/** Every accepted alert has exactly one outcome; one that was not accepted has one at most. */
function outcomesBroken(incidents: readonly IncidentRecord[], { accepted, offered }: Expected): string[] {
  const outcomes = new Map<string, string[]>();
  for (const { id, accepted: taken } of incidents)
    for (const alert of taken)
      outcomes.set(alert.id, [...(outcomes.get(alert.id) ?? []), `${alert.outcome ?? 'undecided'} in ${id}`]);
  return [...new Set([...offered, ...outcomes.keys()])].flatMap((id) => {
    const own = outcomes.get(id) ?? [];
    if (own.length > 1) return [`alert ${id} has ${own.length} outcomes: ${own.join(', ')}`];
    if (own.length === 0) return accepted.has(id) ? [`alert ${id} was accepted and has no outcome`] : [];
    return own[0]?.startsWith('undecided') ? [`alert ${id} is ${own[0]}`] : [];
  });
}

/** What the incident says of itself is what its history says, and nothing is left to be done. */
function stateBroken(incident: IncidentRecord): string[] {
  const { id, episode, openedAt, lifecycle, flaps, accepted, diagnosedAt } = incident;
  const legal = legalState(episode.events);
  const broken: string[] = [];
  if (JSON.stringify([openedAt, lifecycle, flaps]) !== JSON.stringify([legal.openedAt, legal.lifecycle, legal.flaps]))
    broken.push(
      `incident ${id} says ${JSON.stringify({ openedAt, lifecycle, flaps })} where its history says ${JSON.stringify(legal)}`,
    );
  const heard = episode.events.map((event) => event.id).sort();
  if (
    heard.join() !==
    accepted
      .map((alert) => alert.id)
      .sort()
      .join()
  )
    broken.push(`incident ${id} was told of other alerts than it accepted`);
  const posted = accepted.filter(({ outcome }) => outcome === 'posted').length;
  if (posted > 1) broken.push(`incident ${id} has ${posted} alerts that were posted`);
  if (posted === 1 && diagnosedAt === undefined) broken.push(`incident ${id} was posted and never diagnosed`);
  return broken;
}

function effectsBroken({ id, effects }: IncidentRecord): string[] {
  return effects
    .filter(({ state }) => state !== 'sent')
    .map(({ state, key }) => `incident ${id} is ${state} at ${key}`);
}

/** Exactly one message for each incident that was posted, and it says what the incident says. */
function botBroken(bot: FakeChat, incident: IncidentRecord): string[] {
  const own = bot.standing.filter(({ incidentId }) => incidentId === incident.id);
  const expected = incident.effects.some(({ key }) => key === bot.key) ? 1 : 0;
  if (own.length !== expected)
    return [`incident ${incident.id} stands ${own.length} times at ${bot.key}, not ${expected}`];
  const effect = incident.effects.find(({ key }) => key === bot.key);
  return own.flatMap(({ body }) => {
    const desired = bodyFor(bot, incident, effect?.possibleRepeat ?? false);
    return body === desired ? [] : [`incident ${incident.id} at ${bot.key} does not say what it should: ${body}`];
  });
}

/** The last message is the one that is known to stand there; it tells the end when there was one to tell. */
function webhookBroken(webhook: FakeChat, incident: IncidentRecord): string[] {
  const effect = incident.effects.find(({ key }) => key === webhook.key);
  const last = webhook.standing.filter(({ incidentId }) => incidentId === incident.id).at(-1);
  if (!effect) return last ? [`incident ${incident.id} stands at ${webhook.key} and knows nothing of it`] : [];
  if (!last) return [`incident ${incident.id} never reached ${webhook.key}`];
  const { delivered } = effect;
  const broken: string[] = [];
  // The hash is of the content alone: whether it may be a repeat is no part of it.
  const isSame = isMarkedRepeat(last) || delivered?.hash === hashOf(last.body);
  if (!delivered || delivered.revision > (last.revisions[0] ?? 0) || !isSame)
    broken.push(`the last message of incident ${incident.id} at ${webhook.key} is not the one that is recorded`);
  if (
    incident.lifecycle.state === 'resolved' &&
    !delivered?.reasons.includes('resolve') &&
    !last.body.includes('Resolved')
  )
    broken.push(`incident ${incident.id} is resolved and ${webhook.key} was never told`);
  return broken;
}

function bodyFor(sender: ChatSender, record: IncidentRecord, possibleRepeat: boolean): string {
  const effects = record.effects.filter(({ key }) => key === sender.key).map((one) => ({ ...one, possibleRepeat }));
  return String(RENDERERS[sender.platform](buildMessage({ ...record, effects }, { privacy: 'full' }), sender));
}

function hashOf(body: string): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
}

/** A post for what is known to stand there already, or one more for the same that does not say so. */
function sentTwice(sent: readonly Sent[]): string[] {
  const seen = new Set<string>();
  return sent.flatMap(({ destination, incidentId, revision, how, why, known, marked }) => {
    if (how !== 'post') return [];
    const what = `revision ${revision} of incident ${incidentId} (${why ?? 'nothing that was claimed'}) at ${destination}`;
    const key = `${destination} ${incidentId} ${why}`;
    const isRepeat = seen.has(key);
    seen.add(key);
    if (known) return [`${what} was posted though it was known to stand there, or not to be sent`];
    return isRepeat && !marked ? [`${what} was posted twice and does not say so`] : [];
  });
}

/** No older revision reaches a destination after a newer one. */
function sentBackwards(sent: readonly Sent[]): string[] {
  const newest = new Map<string, number>();
  return sent.flatMap(({ destination, incidentId, revision }) => {
    const key = `${destination} ${incidentId}`;
    const before = newest.get(key) ?? 0;
    newest.set(key, Math.max(before, revision));
    return revision < before
      ? [`revision ${revision} of incident ${incidentId} reached ${destination} after revision ${before}`]
      : [];
  });
}

/** Nothing waits; what was laid aside was delivered as often as it may be, and what it named has come to its end all the same. */
async function queueBroken(queue: Installation['deps']['queue'], { maxAttempts }: Expected): Promise<string[]> {
  const { waiting } = await queue.depth();
  const letters = await queue.dead(1_000);
  return [
    ...(waiting > 0 ? [`${waiting} messages are left in the queue`] : []),
    ...letters
      .filter(({ reason, attempts }) => attempts < maxAttempts || reason !== neverAcknowledged(maxAttempts))
      .map(({ reason, attempts }) => `a message was laid aside after ${attempts} deliveries: ${reason}`),
  ];
}
