import type { QueueMessage } from '../../shared/model.ts';
import type { Queue, QueueDelivery } from '../../shared/ports.ts';

/** Whole seconds, which is what the clouds' queues count in. */
export const VISIBILITY_MS = 2_000;
export const AFTER_MS = VISIBILITY_MS + 100;

/** For what is held while something else is looked at, however long that takes. */
export const HELD_MS = 60_000;

/** Times an empty answer is not believed: a queue spread over machines may answer from some of them only. */
const LOOKS = 5;

export function message(n: number): QueueMessage {
  return { v: 1, incidentId: `incident${n}` };
}

/** That many deliveries, or what there is. */
export async function receiveSome(
  queue: Queue,
  count: number,
  max = 10,
  visibilityMs = VISIBILITY_MS,
): Promise<QueueDelivery[]> {
  const got: QueueDelivery[] = [];
  for (let looks = 0; looks < LOOKS && got.length < count; looks += 1) {
    const some = await queue.receive({ max, visibilityMs });
    if (some.length > 0) looks = 0;
    got.push(...some);
  }
  return got;
}

export async function receiveNext(queue: Queue, visibilityMs = VISIBILITY_MS): Promise<QueueDelivery> {
  const [delivery] = await receiveSome(queue, 1, 1, visibilityMs);
  if (delivery === undefined) throw new Error('nothing was delivered');
  return delivery;
}
