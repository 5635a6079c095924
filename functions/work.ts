import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { once } from '../shared/routes/configured.ts';
import { workDeps } from './deps.ts';

const deps = once(workDeps);

/** One message of the work queue. Rejects what no waiting mends; the host then retries it and lays it into the poison queue. */
export async function work(message: unknown): Promise<void> {
  await handleDelivery(await deps(), message);
}
