import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { workDeps } from './deps.ts';

/** One message of the work queue. Rejects what no waiting mends; the host then retries it and lays it into the poison queue. */
export async function work(message: unknown): Promise<void> {
  await handleDelivery(await workDeps(), message);
}
