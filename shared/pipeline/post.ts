import { createHash } from 'node:crypto';
import { buildMessage } from '../chat/message.ts';
import { asHeadroomError, type HeadroomError } from '../errors.ts';
import { base, isDue, settleEffect } from '../incidents/effects.ts';
import { type IncidentRecord, withLedger } from '../incidents/record.ts';
import type { Effect, LedgerEntry } from '../model.ts';
import type { ChatSender, Rendered, SendResult } from '../ports.ts';
import { timeNow, type WorkDeps } from './deps.ts';
import { readIncident, updateIncident } from './incidents.ts';

/** Attempts before a destination is given up for this revision; a newer revision starts anew. */
const MAX_ATTEMPTS = 12;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** More rounds than this on one effect means that the incident changes as fast as it is sent; the queue goes on with it. */
const MAX_ROUNDS = 8;

/**
 * Brings every due effect of the incident to its destination: claims it, sends what the incident says now, records what
 * stands there. Only what this worker itself moved to `sending` is sent.
 *
 * @returns when the next effect is due, in milliseconds; null when nothing is left to do
 */
export async function deliver(deps: WorkDeps, incidentId: string): Promise<number | null> {
  const waits = await Promise.all(deps.senders.map((sender) => deliverTo(deps, sender, incidentId)));
  const due = waits.filter((wait) => wait !== null);
  return due.length === 0 ? null : Math.min(...due);
}

async function deliverTo(deps: WorkDeps, sender: ChatSender, incidentId: string): Promise<number | null> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const claimed = await claim(deps, sender, incidentId);
    if (!('effect' in claimed)) return claimed.waitMs;
    const ended = await send(deps, sender, claimed);
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
  const { before, after } = await updateIncident(deps, incidentId, (incident) => {
    const effect = incident?.effects.find(({ key }) => key === sender.key);
    if (!incident || !effect || !isDue(effect, now)) return incident;
    return withEffect(incident, {
      ...base(effect),
      // Its sender died on the way: a message may stand there that nobody recorded.
      ...(effect.state === 'sending' ? { unsure: 'crash' as const } : {}),
      state: 'sending',
      worker: deps.worker,
      until,
      of: effect.revision,
      why: effect.state === 'sending' ? effect.why : effect.reason,
    });
  });
  const effect = after?.effects.find(({ key }) => key === sender.key);
  if (!after || !effect || effect.state !== 'sending' || after === before) return { waitMs: waitOf(effect, nowMs) };
  return { effect, record: after };
}

function waitOf(effect: Effect | undefined, nowMs: number): number | null {
  if (effect?.state === 'pending' && effect.notBefore !== undefined)
    return Math.max(0, Date.parse(effect.notBefore) - nowMs);
  return effect?.state === 'sending' ? Math.max(0, Date.parse(effect.until) - nowMs) : null;
}

type Ended = { claim: Claim; hash: string; possibleRepeat: boolean } & (
  | { sent: SendResult; step: LedgerEntry['step'] }
  | { error: HeadroomError }
);

async function send(deps: WorkDeps, sender: ChatSender, claimed: Claim): Promise<Ended> {
  const { effect, record } = claimed;
  const rendered = render(deps, sender, record);
  let possibleRepeat = effect.possibleRepeat ?? false;
  try {
    const standing = effect.delivered;
    if (standing && standing.hash === rendered.hash && !effect.unsure)
      return { claim: claimed, hash: rendered.hash, possibleRepeat, sent: { ref: standing.ref }, step: 'edited' };
    if (sender.canEdit && standing?.ref != null) {
      const sent = await sender.edit(standing.ref, rendered);
      return { claim: claimed, hash: rendered.hash, possibleRepeat, sent, step: 'edited' };
    }
    if (effect.unsure) {
      const found = await sender.find(record.id, record.ledger[0]?.at ?? record.openedAt);
      if (typeof found === 'object') {
        const sent = sender.canEdit ? await sender.edit(found.ref, rendered) : { ref: found.ref };
        return { claim: claimed, hash: rendered.hash, possibleRepeat, sent, step: 'posted' };
      }
      if (found === 'cannot-ask' && effect.unsure !== 'unavailable') possibleRepeat = true;
    }
    const sent = await sender.post(possibleRepeat ? render(deps, sender, record, true) : rendered);
    return { claim: claimed, hash: rendered.hash, possibleRepeat, sent, step: standing ? 'edited' : 'posted' };
  } catch (error) {
    const known = asHeadroomError(error, 'unavailable', `sending to ${sender.key} failed`);
    return { claim: claimed, hash: rendered.hash, possibleRepeat, error: known };
  }
}

/** What the destination is to show; `repeat` marks the message as one that may stand there twice. */
function render(deps: WorkDeps, sender: ChatSender, record: IncidentRecord, repeat = false): Rendered {
  const incident = repeat ? { ...record, effects: markRepeat(record.effects, sender.key) } : record;
  const message = buildMessage(incident, { privacy: deps.policy.privacyOf(record) });
  const body = deps.renderers[sender.platform](message, sender);
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
  return { incidentId: record.id, revision: record.revision, hash, body };
}

function markRepeat(effects: readonly Effect[], key: string): Effect[] {
  return effects.map((effect) => (effect.key === key ? { ...effect, possibleRepeat: true } : effect));
}

async function record(deps: WorkDeps, sender: ChatSender, incidentId: string, ended: Ended): Promise<void> {
  const now = timeNow(deps.clock);
  await updateIncident(deps, incidentId, (incident) => {
    const effect = incident?.effects.find(({ key }) => key === sender.key);
    // Another worker has taken over since: what stands there is for it to find out.
    if (!incident || effect?.state !== 'sending' || effect.worker !== deps.worker) return incident;
    const marked: Effect = ended.possibleRepeat ? { ...effect, possibleRepeat: true } : effect;
    if ('error' in ended) return failed(deps, incident, marked, ended.error, now);
    const settled = settleEffect(marked, { ref: ended.sent.ref, hash: ended.hash, at: now }, sender.canEdit);
    return withLedger(withEffect(incident, settled), { at: now, step: ended.step, note: sender.key });
  });
  if ('error' in ended)
    deps.log.warn('send-failed', {
      incident: incidentId,
      destination: sender.key,
      kind: ended.error.kind,
      error: ended.error.message,
    });
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
  const { kind, message } = error;
  if (FINAL.has(kind) || attempts >= MAX_ATTEMPTS) {
    const given: Effect = { ...base(effect), attempts, state: 'failed', kind, message };
    return withLedger(withEffect(incident, given), { at: now, step: 'failed', note: `${effect.key}: ${message}` });
  }
  const exponentialMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  const unsure = kind === 'timed-out' || kind === 'unavailable' ? kind : undefined;
  const pauseMs = Math.max(error.retryAfterMs ?? 0, exponentialMs * (0.5 + deps.random() / 2));
  const notBefore = new Date(Date.parse(now) + pauseMs).toISOString();
  return withEffect(incident, {
    ...base(effect),
    ...(unsure ? { unsure } : {}),
    attempts,
    state: 'pending',
    notBefore,
  });
}

function withEffect(incident: IncidentRecord, effect: Effect): IncidentRecord {
  return { ...incident, effects: incident.effects.map((known) => (known.key === effect.key ? effect : known)) };
}

/** Whether anything is still to be sent for the incident. */
export async function hasDueEffects(deps: WorkDeps, incidentId: string): Promise<boolean> {
  const stored = await readIncident(deps, incidentId);
  const now = timeNow(deps.clock);
  return stored?.value.effects.some((effect) => isDue(effect, now)) ?? false;
}
