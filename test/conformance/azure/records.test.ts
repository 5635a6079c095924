import { afterAll } from 'vitest';
import { openTable } from '../../../shared/adapters/azure/stores.ts';
import { recordsContract } from '../../contract/records.ts';
import { calls, placeIn, startIdentity } from './account.ts';

const identity = await startIdentity();
afterAll(() => identity.close());
const { credential } = identity;
const close = async (): Promise<void> => undefined;

recordsContract('Table storage', async () => ({ records: openTable(placeIn('table'), { credential, calls }), close }), {
  modelRuns: 10,
});
