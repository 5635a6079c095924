import { describe, expect, test } from 'vitest';
import { azureStores, queueNameOf } from '../../../../shared/adapters/azure/stores.ts';
import { fakeClock, seededRandom } from '../../../kit.ts';

const nobody = () => ({ getToken: () => Promise.reject(new Error('nobody asks for a token')) });

describe('addresses of stores', () => {
  test.each([
    ['https://account.queue.core.windows.net', 'headroom-work'],
    ['https://account.queue.core.windows.net/', 'headroom-work'],
    ['https://account.queue.core.windows.net/other', 'other'],
    ['https://127.0.0.1:10001/devstoreaccount1/headroom-work', 'headroom-work'],
  ])('%s means the queue %s', (address, name) => {
    expect(queueNameOf(address)).toBe(name);
  });

  test('opening asks nothing of the account, so a process starts while it is down', async () => {
    const stores = azureStores(nobody, { clock: fakeClock(), random: seededRandom(1) });
    const url = 'https://127.0.0.1:1/account/place';
    await stores.records.open({ kind: 'table', url });
    await stores.queue.open({ kind: 'storage', url });
    await stores.payloads.open({ kind: 'blob', url });
  });

  test('what is no address is a wrong configuration', async () => {
    const stores = azureStores(nobody, { clock: fakeClock(), random: seededRandom(1) });
    await expect(stores.records.open({ kind: 'table' })).rejects.toMatchObject({ kind: 'configuration' });
  });
});
