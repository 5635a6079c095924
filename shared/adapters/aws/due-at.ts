/**
 * SQS holds a message back for 15 minutes at most, and the last look at late logs is after 20. A message for later carries
 * the time at which it is due; whoever receives it before sends it again with the rest of its delay, and forgets it.
 */

/** Name of the message attribute: epoch milliseconds. */
export const DUE_AT = 'dueAt';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html */
const LONGEST_DELAY_MS = 900_000;

/** How long SQS itself holds back what is sent now, whole seconds, and when it is due if that is later than SQS can. */
export function splitDelay(delayMs: number, nowMs: number): { delaySeconds: number; dueAtMs: number | null } {
  const later = delayMs > LONGEST_DELAY_MS;
  return {
    delaySeconds: Math.ceil(Math.min(delayMs, LONGEST_DELAY_MS) / 1_000),
    dueAtMs: later ? nowMs + delayMs : null,
  };
}

/** Milliseconds left until the message is due; 0: it is, also where the attribute is missing or says nothing. */
export function remainingMs(dueAt: string | undefined, nowMs: number): number {
  const dueAtMs = Number(dueAt);
  return Number.isFinite(dueAtMs) ? Math.max(0, dueAtMs - nowMs) : 0;
}
