import { afterAll } from 'vitest';
import { openQueue } from '../../../shared/adapters/azure/stores.ts';
import { queueContract } from '../../contract/queue.ts';
import { calls, placeIn, startIdentity } from './account.ts';

const MAX_ATTEMPTS = 3;

const identity = await startIdentity();
afterAll(() => identity.close());
const { credential } = identity;
const close = async (): Promise<void> => undefined;

queueContract(
  'Storage Queue',
  async () => ({
    queue: openQueue(placeIn('queue'), { credential, calls, maxAttempts: MAX_ATTEMPTS }),
    maxAttempts: MAX_ATTEMPTS,
    advance: (ms) => calls.clock.sleep(ms),
    close,
  }),
  { ordered: false },
);
