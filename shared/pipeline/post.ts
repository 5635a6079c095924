import { createHash } from 'node:crypto';
import { buildMessage } from '../chat/message.ts';
import { asHeadroomError, HeadroomError } from '../errors.ts';
import { base, isDue, settleEffect, withDoubt } from '../incidents/effects.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Effect, LedgerEntry, Mention, Time } from '../model.ts';
import type { ChatSender, Rendered, SendResult } from '../ports.ts';
import { withinDeadline } from './deadline.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { updateIncident } from './incidents.ts';
import { beginThread } from './thread.ts';

/** Attempts before a destination is given up for this revision: about a day of them. A newer revision starts anew. */
const MAX_ATTEMPTS = 300;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Share of the lease within which a send has to end, so that nobody takes over what is still on its way. */
const SEND_WITHIN_LEASE = 2 / 3;

/** What a destination answered, as far as it is kept. */
const MESSAGE_CHARACTERS = 300;

/** More rounds than this on one effect means that the incident changes as fast as it is sent; the queue goes on with it. */
const MAX_ROUNDS = 8;

/**
 * Brings every due effect of the incident to its destination: claims it, sends what the incident says now, records what
 * stands there. Only what this worker itself moved to `sending` is sent.
 *
 * @param known the incident as it stood a moment ago: destinations with nothing to do by then are not looked at
 * @returns when to look again, in milliseconds, for each effect that has to wait and that nobody else looks after
 */
export async function deliver(deps: WorkDeps, incidentId: string, known?: IncidentRecord): Promise<number[]> {
  const now = timeNow(deps.clock);
  const concerned = deps.senders.filter(({ key }) => {
    const effect = known?.effects.find((one) => one.key === key);
    return !known || (effect && isOpen(effect, now));
  });
  const waits = await Promise.all(concerned.map((sender) => deliverTo(deps, sender, incidentId)));
  return waits.filter((wait) => wait !== null);
}

/** Something is to be sent now, or to be waited for by someone. */
function isOpen(effect: Effect, now: string): boolean {
  if (isDue(effect, now)) return true;
  return (effect.state === 'pending' || effect.state === 'sending') && !effect.awaited;
}

async function deliverTo(deps: WorkDeps, sender: ChatSender, incidentId: string): Promise<number | null> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const claimed = await claim(deps, sender, incidentId);
    if (!('effect' in claimed)) return claimed.waitMs;
    const ended = await sendInTurn(deps, sender, claimed);
    await record(deps, sender, incidentId, ended);
  }
  return FIRST_PAUSE_MS;
}

type Claim = { effect: Effect & { state: 'sending' }; record: IncidentRecord };

async function claim(
  deps: WorkDeps,
  sender: ChatSender,
  incidentId: string,
): Promise<Claim | { waitMs: number | null }> {
  const nowMs = deps.clock.now();
  const now = new Date(nowMs).toISOString();
  const until = new Date(nowMs + deps.timing.leaseMs).toISOString();
  let waitMs: number | null = null;
  const { before, after } = await updateIncident(deps, incidentId, (incident) => {
    waitMs = null;
    const effect = incident?.effects.find(({ key }) => key === sender.key);
    if (!incident || !effect) return incident;
    if (isDue(effect, now)) {
      // What a dead sender left is sent at once.
      const turnAtMs = effect.state === 'pending' ? deps.levels.turnOf(sender, effect, incident, nowMs) : nowMs;
      if (effect.state !== 'pending' || turnAtMs <= nowMs)
        return withEffect(incident, claimedBy(deps.worker, until, effect));
      waitMs = turnAtMs - nowMs;
      return withEffect(incident, { ...effect, notBefore: new Date(turnAtMs).toISOString(), awaited: true });
    }
    const dueAt = effect.state === 'pending' ? effect.notBefore : effect.state === 'sending' ? effect.until : undefined;
    if (dueAt === undefined || (effect.state !== 'pending' && effect.state !== 'sending') || effect.awaited)
      return incident;
    // Said in the record, so that of a hundred workers that come by only one comes back.
    waitMs = Date.parse(dueAt) - nowMs;
    return withEffect(incident, { ...effect, awaited: true });
  });
  const effect = after?.effects.find(({ key }) => key === sender.key);
  if (!after || after === before || waitMs !== null || effect?.state !== 'sending') return { waitMs };
  return { effect, record: after };
}

function claimedBy(worker: string, until: string, effect: Effect): Effect {
  return {
    // Its sender died on the way: a message may stand there that nobody recorded.
    ...(effect.state === 'sending'
      ? { ...withDoubt(base(effect), effect.why), unsure: 'crash' as const }
      : base(effect)),
    state: 'sending',
    worker,
    until,
    of: effect.revision,
    why: effect.state === 'sending' ? effect.why : effect.reason,
  };
}

type Ended = { claim: Claim; hash: string; possibleRepeat: boolean } & (
  | { sent: SendResult; step: LedgerEntry['step'] }
  | { error: HeadroomError }
);

async function sendInTurn(deps: WorkDeps, sender: ChatSender, claimed: Claim): Promise<Ended> {
  const { effect, record } = claimed;
  const attempt: { ended?: Ended } = {};
  try {
    return await deps.levels.send(sender, effect, record.id, async () => {
      attempt.ended = await send(deps, sender, claimed);
      if ('error' in attempt.ended) throw attempt.ended.error;
      return attempt.ended;
    });
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', `sending to ${sender.key} failed`);
    return attempt.ended ?? { claim: claimed, hash: '', possibleRepeat: effect.possibleRepeat ?? false, error: known };
  }
}

async function send(deps: WorkDeps, sender: ChatSender, claimed: Claim): Promise<Ended> {
  const { effect, record } = claimed;
  const ended = { claim: claimed, hash: '', possibleRepeat: effect.possibleRepeat ?? false };
  try {
    // A message that is edited stays what it was posted as; where each send is a message of its own, it speaks for itself.
    const rendered = render(deps, sender, record, ended.possibleRepeat && sender.canEdit);
    ended.hash = rendered.hash;
    const standing = effect.delivered;
    if (standing && standing.hash === rendered.hash && !effect.unsure)
      return { ...ended, sent: { ref: standing.ref }, step: 'edited' };
    const withinMs = timeToSendMs(deps, effect);
    return await withinDeadline(deps.clock, withinMs, `sending to ${sender.key}`, async (signal): Promise<Ended> => {
      if (sender.canEdit && standing?.ref != null)
        return { ...ended, sent: await sender.edit(standing.ref, rendered, signal), step: 'edited' };
      const found = effect.unsure ? await sender.find(record.id, heardAt(record), signal) : 'absent';
      if (typeof found === 'object') {
        const sent = sender.canEdit ? await sender.edit(found.ref, rendered, signal) : { ref: found.ref };
        return { ...ended, sent, step: 'posted' };
      }
      const isDoubted = !sender.canEdit && (effect.doubted?.includes(effect.why) ?? false);
      const mayRepeat = isDoubted || (found === 'cannot-ask' && effect.unsure !== 'unavailable');
      if (mayRepeat) ended.possibleRepeat = true;
      const sent = await sender.post(mayRepeat ? render(deps, sender, record, true) : rendered, signal);
      return { ...ended, sent, step: standing ? 'edited' : 'posted' };
    });
  } catch (error) {
    return { ...ended, error: asHeadroomError(error, 'unavailable', `sending to ${sender.key} failed`) };
  }
}

/**
 * What is left of the claim for its send, in milliseconds: a store may have taken most of it to write the claim down.
 *
 * @throws HeadroomError `unavailable` when nothing is left; nothing was sent then
 */
function timeToSendMs(deps: WorkDeps, claimed: Effect & { state: 'sending' }): number {
  const { leaseMs } = deps.timing;
  const leftMs = Date.parse(claimed.until) - leaseMs * (1 - SEND_WITHIN_LEASE) - deps.clock.now();
  if (leftMs > 0) return leftMs;
  throw new HeadroomError('unavailable', `claiming ${claimed.key} took so long that another worker may take it over`);
}

function heardAt(record: IncidentRecord): string {
  return record.ledger[0]?.at ?? record.openedAt;
}

/** What the destination is to show; `repeat` marks the message as one that may stand there twice. */
function render(deps: WorkDeps, sender: ChatSender, record: IncidentRecord, repeat: boolean): Rendered {
  const effects = record.effects.filter(({ key }) => key === sender.key);
  const incident = { ...record, effects: effects.map((effect) => ({ ...effect, possibleRepeat: repeat })) };
  const body = renderBody(deps, sender, incident);
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
  return { incidentId: record.id, revision: record.revision, hash, body };
}

/** @throws HeadroomError `bug`: no waiting mends it, and the other destinations are not to suffer from it */
function renderBody(deps: WorkDeps, sender: ChatSender, incident: IncidentRecord): unknown {
  try {
    const actions = deps.buttonsAt?.(sender) ?? [];
    const privacy = deps.policy.privacyOf(incident, [sender.key]);
    const isQuiet = (at: Time) => deps.policy.quietUntil(at) !== null;
    const message = buildMessage(incident, { privacy, actions, isQuiet });
    return deps.renderers[sender.platform](message, sender, whomToCall(deps, sender, incident));
  } catch (error) {
    throw asHeadroomError(error, 'bug', `the message for ${sender.key} could not be rendered`);
  }
}

/** An edit calls nobody on Slack, and may call somebody once more on Teams: whom a cause calls is called in the thread then. */
function whomToCall({ policy }: WorkDeps, sender: ChatSender, incident: IncidentRecord): Mention | undefined {
  const stands = sender.canEdit && incident.effects.some(({ key, delivered }) => key === sender.key && delivered?.ref);
  return stands ? 'none' : policy.mentionOf(incident, sender.key);
}

async function record(deps: WorkDeps, sender: ChatSender, incidentId: string, ended: Ended): Promise<void> {
  const now = timeNow(deps.clock);
  await updateIncident(deps, incidentId, (incident) => {
    const effect = incident?.effects.find(({ key }) => key === sender.key);
    // Another worker has taken over since: what stands there is for it to find out.
    if (!incident || effect?.state !== 'sending' || !isClaim(effect, ended.claim.effect)) return incident;
    const marked: Effect = ended.possibleRepeat ? { ...effect, possibleRepeat: true } : effect;
    if ('error' in ended) return failed(deps, incident, marked, ended.error, now);
    const settled = settleEffect(marked, { ref: ended.sent.ref, hash: ended.hash, at: now }, sender.canEdit);
    const told = withLedger(withEffect(incident, settled), { at: now, step: ended.step, note: sender.key });
    return sender.reply && !effect.delivered ? beginThread(told, ended.claim.record, sender.key) : told;
  });
  if ('error' in ended)
    deps.log.warn('send-failed', {
      incident: incidentId,
      destination: sender.key,
      kind: ended.error.kind,
      error: ended.error.message,
    });
}

/** The very claim, and not a later one of the same worker. */
function isClaim(effect: Effect & { state: 'sending' }, claimed: Effect & { state: 'sending' }): boolean {
  return effect.worker === claimed.worker && effect.until === claimed.until;
}

const FINAL = new Set(['denied', 'invalid', 'not-found', 'too-large', 'configuration', 'bug']);

function failed(
  deps: WorkDeps,
  incident: IncidentRecord,
  effect: Effect,
  error: HeadroomError,
  now: string,
): IncidentRecord {
  const attempts = effect.attempts + 1;
  const { kind } = error;
  const message = error.message.slice(0, MESSAGE_CHARACTERS);
  if (FINAL.has(kind) || attempts >= MAX_ATTEMPTS) {
    const given: Effect = { ...base(effect), attempts, state: 'failed', kind, message };
    return withLedger(withEffect(incident, given), { at: now, step: 'failed', note: `${effect.key}: ${message}` });
  }
  const exponentialMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  const unsure = greaterDoubt(effect.unsure, kind);
  const pauseMs = Math.max(error.retryAfterMs ?? 0, exponentialMs * (0.5 + deps.random() / 2));
  const notBefore = new Date(Date.parse(now) + pauseMs).toISOString();
  const known = kind === 'timed-out' && effect.state === 'sending' ? withDoubt(base(effect), effect.why) : base(effect);
  return withEffect(incident, { ...known, ...(unsure ? { unsure } : {}), attempts, state: 'pending', notBefore });
}

/**
 * Whether a message may stand there, after a send that failed. A doubt that stands already is kept, since this attempt may
 * have failed while asking about it; but one that was refused outright says nothing of a later one that was not answered.
 */
function greaterDoubt(before: Effect['unsure'], kind: HeadroomError['kind']): Effect['unsure'] {
  if (kind === 'timed-out' && before === 'unavailable') return kind;
  return before ?? (kind === 'timed-out' || kind === 'unavailable' ? kind : undefined);
}

function withEffect(incident: IncidentRecord, effect: Effect): IncidentRecord {
  return { ...incident, effects: incident.effects.map((known) => (known.key === effect.key ? effect : known)) };
}
