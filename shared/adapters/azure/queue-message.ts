import type { QueueMessage } from '../../model.ts';
import { codeOf, statusOf } from './failure.ts';
import type { QueueClient } from './queue-client.ts';

/** Messages outlive any outage; without this the service forgets them after seven days. */
export const FOR_EVER = -1;

/** Base64, as `messageEncoding` of host.json says: what the Functions host reads and lays into the poison queue. */
export function textOf(json: string): string {
  return Buffer.from(json).toString('base64');
}

/** What the text of a message says; undefined where nobody of Headroom wrote it. */
export function valueIn(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A message of the work queue: its fields are checked by whoever works on it. Null for what is no JSON object. */
export function messageIn(text: string): QueueMessage | null {
  const value = valueIn(text);
  return isObject(value) ? value : null;
}

function isObject(value: unknown): value is QueueMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whole seconds, rounded up: what the service counts in. */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/** Makes the queue when there is none. */
export async function withQueue<T>(queue: QueueClient, abortSignal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (codeOf(error) !== 'QueueNotFound') throw error;
    await queue.create(abortSignal);
    return run();
  }
}

/** Null when there is no such queue or message, or when the message is someone else's by now. */
export async function unlessGone<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (statusOf(error) === 404 || codeOf(error) === 'PopReceiptMismatch') return null;
    throw error;
  }
}
