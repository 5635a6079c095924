import { afterAll } from 'vitest';
import { openContainer } from '../../../shared/adapters/azure/stores.ts';
import { payloadStoreContract } from '../../contract/payload-store.ts';
import { calls, placeIn, startIdentity } from './account.ts';

const identity = await startIdentity();
afterAll(() => identity.close());
const { credential } = identity;
const close = async (): Promise<void> => undefined;

payloadStoreContract(
  'Blob storage',
  async () => ({
    payloads: openContainer(placeIn('blob'), { credential, calls }),
    now: () => new Date().toISOString(),
    advance: (ms) => calls.clock.sleep(ms),
    close,
  }),
  { runs: 20 },
);
