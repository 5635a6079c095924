import { asHeadroomError, type HeadroomError, isRetryable } from '../errors.ts';
import type { IncidentRecord } from '../incidents/record.ts';
import type { IncidentMessage } from '../model.ts';
import { bringPlansOn } from './act.ts';
import type { WorkDeps } from './deps.ts';
import { diagnose, isDiagnosisDue } from './diagnose.ts';
import { escalate } from './escalate.ts';
import { glance, isGlanceDue } from './glance.ts';
import { readIncident } from './incidents.ts';
import { isOfferDue, offerPlans } from './offer.ts';
import { deliver } from './post.ts';
import { lookOver, tellStorms } from './storm.ts';
import { takeIn } from './take-in.ts';
import { tellThreads } from './thread.ts';
import { readQueueMessage } from './versions.ts';

export type Worked =
  | { done: true }
  /** `final`: no waiting mends it; a platform's own retries should end in the dead letters. */
  | { done: false; retryAfterMs: number; reason: string; final?: true };

/** How long a message waits that only a newer process can read, or that failed for another reason that may pass. */
const PUT_BACK_MS = 30_000;

/** A process without chat leaves the question to one that has it. */
const NO_CHAT: Worked = { done: false, retryAfterMs: PUT_BACK_MS, reason: 'this process answers no chat' };

/** Added to a wait, so that clocks that differ a little do not bring the message too early. */
const SLACK_MS = 250;

/**
 * Handles one queue message: takes its alerts in, posts what the payload gives, then reads evidence, works out the answer
 * and edits. Every step can be done twice; what a dead worker left is found by its claims.
 *
 * Never throws: what went wrong comes back as a reason and a delay after which to try the message again.
 */
export async function work(deps: WorkDeps, body: unknown): Promise<Worked> {
  try {
    const message = readQueueMessage(body);
    if (!('chat' in message)) return await handle(deps, message);
    return deps.answerChat ? await deps.answerChat(message.chat) : NO_CHAT;
  } catch (error) {
    const known = asHeadroomError(error, 'bug', 'working on a queue message failed');
    deps.log.error('work-failed', { kind: known.kind, error: known.message, cause: causeOf(known) });
    const retryAfterMs = known.retryAfterMs ?? PUT_BACK_MS;
    return { done: false, retryAfterMs, reason: known.message, ...(isRetryable(known) ? {} : { final: true }) };
  }
}

async function handle(deps: WorkDeps, message: IncidentMessage): Promise<Worked> {
  const { inbox, ...again } = message;
  const taken = inbox ? await takeIn(deps, { ...message, inbox }) : null;
  const known = taken ?? (await readIncident(deps, message.incidentId))?.value;
  // Changed by a command or by time: what its storms say of it is brought up to date here.
  if (known && !taken) await tellStorms(deps, known);
  const waits = known ? await bringOn(deps, known, message.runMinutes) : [];
  if (known) waits.push(...(await actOn(deps, known.id)));
  if (known) waits.push(...(await tellThreads(deps, known.id)));
  for (const waitMs of new Set(waits)) await comeBack(deps, again, waitMs);
  return { done: true };
}

/**
 * Does what is due for an incident. What stood in it a moment ago tells whether there is anything to do: who changes it
 * later sees to that.
 *
 * @returns when to look again, in milliseconds
 */
async function bringOn(deps: WorkDeps, known: IncidentRecord, runMinutes: number | undefined): Promise<number[]> {
  if (known.storm) {
    const lookAgainMs = await lookOver(deps, known.id);
    const { waitsMs } = await escalate(deps, known.id, known);
    return [...(await deliver(deps, known.id)), ...waitsMs, ...(lookAgainMs === null ? [] : [lookAgainMs])];
  }
  if (known.digest) return deliver(deps, known.id);
  const glances = isGlanceDue(deps, known);
  const seen = glances ? await glance(deps, known.id) : [];
  const first = await deliver(deps, known.id, glances ? undefined : known);
  const called = await escalate(deps, known.id, known);
  if (called.told) first.push(...(await deliver(deps, known.id)));
  first.push(...called.waitsMs);
  const diagnosed = isDiagnosisDue(known, runMinutes) ? await diagnose(deps, known.id, runMinutes, seen) : 'not-due';
  if (diagnosed === 'not-due') return first;
  return typeof diagnosed === 'object' ? [...first, diagnosed.busyMs] : [...first, ...(await deliver(deps, known.id))];
}

/** Offers what would help, and brings on what was approved; the messages follow. */
async function actOn(deps: WorkDeps, incidentId: string): Promise<number[]> {
  const known = deps.actions ? (await readIncident(deps, incidentId))?.value : undefined;
  if (!known) return [];
  if (isOfferDue(deps, known)) await offerPlans({ ...deps, destinations: deps.senders }, known);
  const waits = await bringPlansOn(deps, incidentId);
  const after = (await readIncident(deps, incidentId))?.value;
  return after && after.revision > known.revision ? [...waits, ...(await deliver(deps, incidentId))] : waits;
}

/** A wait is no failure of the message, so it does not use up its attempts: a new one is queued for then. */
async function comeBack(deps: WorkDeps, message: IncidentMessage, afterMs: number): Promise<void> {
  await deps.queue.send(message, { delayMs: Math.max(0, afterMs) + SLACK_MS });
}

function causeOf(error: HeadroomError): string | null {
  return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : null;
}
