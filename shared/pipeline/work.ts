import { asHeadroomError, type HeadroomError, isRetryable } from '../errors.ts';
import type { IncidentMessage } from '../model.ts';
import type { WorkDeps } from './deps.ts';
import { diagnose } from './diagnose.ts';
import { deliver } from './post.ts';
import { lookOver } from './storm.ts';
import { takeIn } from './take-in.ts';
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
  const { incidentId, inbox, runMinutes } = message;
  if (inbox) await takeIn(deps, { ...message, inbox });
  const lookAgainMs = await lookOver(deps, incidentId);
  const first = await deliver(deps, incidentId);
  const diagnosed = await diagnose(deps, incidentId, runMinutes);
  const waits = [...first, ...(await deliver(deps, incidentId))];
  const { inbox: _taken, ...again } = message;
  if (typeof diagnosed === 'object') waits.push(diagnosed.busyMs);
  if (lookAgainMs !== null) waits.push(lookAgainMs);
  for (const waitMs of new Set(waits)) await comeBack(deps, again, waitMs);
  return { done: true };
}

/** A wait is no failure of the message, so it does not use up its attempts: a new one is queued for then. */
async function comeBack(deps: WorkDeps, message: IncidentMessage, afterMs: number): Promise<void> {
  await deps.queue.send(message, { delayMs: Math.max(0, afterMs) + SLACK_MS });
}

function causeOf(error: HeadroomError): string | null {
  return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : null;
}
