/** What the stores send to a storage account is what they may do there. It is empty: what makes a table and a container is sent too. */
import { afterAll, expect, test } from 'vitest';
import type { CloudService } from '../../infra/permission-table.ts';
import { openContainer, openQueue, openTable } from '../../shared/adapters/azure/stores.ts';
import { calls, placeIn, startIdentity } from './azure/account.ts';
import { callAll, compareWithGrants, ON_EMULATORS } from './permissions-granted.ts';
import { buryOne, usePayloads, useQueue, useRecords } from './permissions-stores.ts';

const MAX_ATTEMPTS = 3;

const identity = await startIdentity();
afterAll(() => identity.close());
const { credential } = identity;

type Service = CloudService & ('table' | 'queue' | 'blob');

/** Who is asked, and what is done there once all is ready. The host takes what the queue holds, so that is no call of ours. */
const USES: Record<(typeof ON_EMULATORS.azure)[number], [Service, (place: string) => Promise<() => Promise<void>>]> = {
  'azure/records.ts': [
    'table',
    async (place) => {
      const records = openTable(place, { credential, calls });
      return () => useRecords(records);
    },
  ],
  'azure/queue.ts': [
    'queue',
    async (place) => {
      const queue = openQueue(place, { credential, calls, maxAttempts: MAX_ATTEMPTS });
      await buryOne(queue);
      return () => useQueue(queue);
    },
  ],
  'azure/payloads.ts': [
    'blob',
    async (place) => {
      const payloads = openContainer(place, { credential, calls });
      return () => usePayloads(payloads);
    },
  ],
};

test.each(ON_EMULATORS.azure)('%s sends what it is granted, no more and no less', async (adapter) => {
  const [service, prepare] = USES[adapter];
  const place = placeIn(service);
  const run = await prepare(place);
  const account = place.slice('https://'.length, place.lastIndexOf('/'));
  const services = {
    [account]: service,
    [new URL(identity.endpoint.environment.IDENTITY_ENDPOINT).host]: 'identity',
  } as const;
  const sent = await callAll(async () => ({ services, run, close: async () => undefined }));
  expect(compareWithGrants(adapter, sent)).toEqual({ refused: [], unused: [] });
});
