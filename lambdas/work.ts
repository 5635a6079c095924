import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { WorkDeps } from '../shared/pipeline/deps.ts';
import { handleDelivery } from '../shared/pipeline/handle-delivery.ts';
import { workDeps } from './deps.ts';

/** A batch of the work queue. Names the messages that no waiting mends; SQS then retries those alone, and lays them aside. */
export function workHandler(deps: () => Promise<WorkDeps>) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const ready = await deps();
    const handled = await Promise.allSettled(
      event.Records.map(async ({ body }) => handleDelivery(ready, JSON.parse(body))),
    );
    const failed = event.Records.filter((_, index) => handled[index]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

export const handler = workHandler(workDeps);
