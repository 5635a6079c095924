import type { InvocationContext } from '@azure/functions';
import { noteAge, tellMessage } from '../shared/adapters/telemetry/attributes.ts';
import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { telemetry, workDeps } from './deps.ts';

/** One message of the work queue. Rejects what no waiting mends; the host then retries it and lays it into the poison queue. */
export async function work(
  message: unknown,
  { triggerMetadata }: Pick<InvocationContext, 'triggerMetadata'>,
): Promise<void> {
  const sentAt = triggerMetadata?.['insertionTime'];
  noteAge(telemetry, Date.parse(typeof sentAt === 'string' ? sentAt : ''), Date.now());
  const run = async (): Promise<void> => handleDelivery(await workDeps(), message);
  await telemetry.call('work', run, () => tellMessage(message));
}
