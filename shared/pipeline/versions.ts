import { HeadroomError } from '../errors.ts';
import type { IncidentMessage, QueueMessage, RecordKey } from '../model.ts';

/** The version that this code writes. */
const CURRENT_VERSION = 1;

/**
 * Checks the version of a record or queue message that was read. Older versions are upcast here, one step a version
 * (there is none yet); a newer one was written by a newer process and is left to it.
 *
 * @throws HeadroomError `newer-version` (try again later) or `invalid` (no version at all)
 */
export function readVersioned<T extends { v: number }>(what: string, value: T): T {
  if (value.v === CURRENT_VERSION) return value;
  if (typeof value.v === 'number' && value.v > CURRENT_VERSION)
    throw new HeadroomError('newer-version', `${what} was written by a newer version (v${value.v})`, {
      nextStep: 'finish the deployment: every process must run the newer version',
    });
  throw new HeadroomError('invalid', `${what} has no version that this process knows`);
}

/** A queue message as it came off the wire. */
export function readQueueMessage(value: unknown): QueueMessage {
  if (typeof value !== 'object' || value === null)
    throw new HeadroomError('invalid', 'a queue message is not an object');
  const { v, incidentId, inbox, runMinutes, chat } = value as Record<string, unknown>;
  readVersioned('a queue message', { v: v as number });
  const job = readKey(chat);
  if (job) return { v: 1, chat: job };
  if (typeof incidentId !== 'string' || incidentId === '')
    throw new HeadroomError('invalid', 'a queue message names no incident');
  const message: IncidentMessage = { v: 1, incidentId };
  if (typeof runMinutes === 'number') message.runMinutes = runMinutes;
  const key = readKey(inbox);
  if (key) message.inbox = key;
  return message;
}

function readKey(value: unknown): RecordKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { partition, id } = value as Record<string, unknown>;
  return typeof partition === 'string' && typeof id === 'string' ? { partition, id } : undefined;
}
