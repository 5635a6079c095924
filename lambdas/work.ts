import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { DUE_AT, remainingMs } from '../shared/adapters/aws/due-at.ts';
import { noteAge, tellMessage } from '../shared/adapters/telemetry/attributes.ts';
import { HeadroomError } from '../shared/errors.ts';
import type { WorkDeps } from '../shared/pipeline/deps.ts';
import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { telemetry, workDeps } from './deps.ts';
import { flushed } from './measured.ts';

/** A batch of the work queue. Names the messages that no waiting mends; SQS then retries those alone, and lays them aside. */
export function workHandler(deps: () => Promise<WorkDeps>) {
  return async (event: unknown): Promise<SQSBatchResponse> => {
    if (!isBatch(event)) throw new HeadroomError('invalid', 'this function works on batches of SQS messages alone');
    const ready = await deps();
    const handled = await Promise.allSettled(event.Records.map((record) => handle(ready, record)));
    const failed = event.Records.filter((_, index) => handled[index]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

export const handler = flushed(workHandler(workDeps));

/** What is for later than SQS can wait is sent again with the rest of its delay. */
async function handle(deps: WorkDeps, { attributes, body, messageAttributes }: SQSRecord): Promise<void> {
  const message = JSON.parse(body);
  const waitMs = remainingMs(messageAttributes[DUE_AT]?.stringValue, deps.clock.now());
  if (waitMs > 0) return deps.queue.send(message, { delayMs: waitMs });
  noteAge(telemetry, Number(attributes.SentTimestamp), deps.clock.now());
  await telemetry.call(
    'work',
    () => handleDelivery(deps, message),
    () => tellMessage(message),
  );
}

function isBatch(event: unknown): event is SQSEvent {
  if (typeof event !== 'object' || event === null || !('Records' in event) || !Array.isArray(event.Records))
    return false;
  return event.Records.every(
    (record: unknown) => typeof record === 'object' && record !== null && 'messageId' in record,
  );
}
