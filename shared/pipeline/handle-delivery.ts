import { HeadroomError } from '../errors.ts';
import type { QueueMessage } from '../model.ts';
import type { WorkDeps } from './deps.ts';
import { work } from './work.ts';

/**
 * One delivery by a queue that counts and retries by itself (Storage Queue, SQS): works on the message, and sends it again
 * with the delay it asks for where waiting helps, so that what a newer version wrote is never laid aside.
 *
 * @throws HeadroomError `invalid` when no waiting mends it, or the queue's own error when it could not be put back: the
 * platform then delivers the message again, and after its last try lays it into the dead letters
 */
export async function handleDelivery(deps: WorkDeps, body: unknown): Promise<void> {
  const worked = await work(deps, body);
  if (worked.done) return;
  if (worked.final || !isOurs(body)) throw new HeadroomError('invalid', worked.reason);
  await deps.queue.send(body, { delayMs: worked.retryAfterMs });
  const about = 'incidentId' in body ? { incident: body.incidentId } : { job: body.chat.id };
  deps.log.info('put-back', { ...about, delayMs: worked.retryAfterMs, reason: worked.reason });
}

/** Of this version or a newer one, whose further fields are kept as they are. */
function isOurs(body: unknown): body is QueueMessage {
  if (typeof body !== 'object' || body === null) return false;
  if ('incidentId' in body) return typeof body.incidentId === 'string';
  return 'chat' in body && typeof body.chat === 'object' && body.chat !== null && 'id' in body.chat;
}
