import { openBucket } from '../../../shared/adapters/aws/stores.ts';
import { systemClock } from '../../../shared/adapters/system/clock.ts';
import { payloadStoreContract } from '../../contract/payload-store.ts';
import { makeBucket, originOf, PATIENT } from './account.ts';

const close = async (): Promise<void> => undefined;

payloadStoreContract(
  'S3 on Moto',
  async () => ({
    payloads: openBucket(await makeBucket(), { endpoint: originOf('moto'), limits: PATIENT }),
    now: () => new Date().toISOString(),
    advance: (ms) => systemClock.sleep(ms),
    close,
  }),
  { runs: 20 },
);
