import { openTable } from '../../../shared/adapters/aws/stores.ts';
import { recordsContract } from '../../contract/records.ts';
import { makeTable, originOf, PATIENT } from './account.ts';

const close = async (): Promise<void> => undefined;

recordsContract(
  'DynamoDB on Moto',
  async () => ({
    records: openTable(await makeTable('moto'), { endpoint: originOf('moto'), now: Date.now, limits: PATIENT }),
    close,
  }),
  { modelRuns: 10 },
);
