import { openQueue } from '../../../shared/adapters/aws/stores.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { queueContract } from '../../contract/queue.ts';
import { makeQueue, PATIENT } from './account.ts';

const MAX_ATTEMPTS = 3;
const close = async (): Promise<void> => undefined;

queueContract(
  'SQS on Moto',
  async () => ({
    queue: openQueue(await makeQueue({ maxAttempts: MAX_ATTEMPTS }), { now: Date.now, limits: PATIENT }),
    maxAttempts: MAX_ATTEMPTS,
    advance: (ms) => systemClock.sleep(ms),
    close,
  }),
  { ordered: false },
);
