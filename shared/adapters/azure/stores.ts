import { randomUUID } from 'node:crypto';
import { HeadroomError } from '../../errors.ts';
import type { PayloadStore, Queue, Records } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import type { CloudStores } from '../stores.ts';
import { type CallOptions, createAzureCalls } from './calls.ts';
import { createStorageQueue } from './queue.ts';
import { openQueueClient } from './queue-client.ts';
import { createTableRecords } from './records.ts';
import { openTableClient } from './table-client.ts';

/** Names where the address gives the account alone. The functions listen to this queue and no other. */
const DEFAULT_TABLE = 'headroom';
export const DEFAULT_QUEUE = 'headroom-work';
const DEFAULT_CONTAINER = 'headroom-payloads';

/** What the Functions host appends to a queue's name. */
const POISON_SUFFIX = '-poison';

type Options = {
  credential: TokenCredential;
  calls: CallOptions;
  /** Deliveries before a message is a dead letter. */
  maxAttempts?: number;
};

/** The stores of an Azure storage account, reached with the identity of this process, which is asked for where it is needed. */
export function azureStores(credential: () => TokenCredential, calls: CallOptions): CloudStores {
  const options = (): Options => ({ credential: credential(), calls });
  return {
    records: { kind: 'table', open: async ({ url = '' }) => openTable(url, options()) },
    queue: { kind: 'storage', open: async ({ url = '' }) => openQueue(url, options()) },
    payloads: { kind: 'blob', open: async ({ url = '' }) => openContainer(url, options()) },
  };
}

/** @param address of the account or of the table, `https://account.table.core.windows.net[/table]` */
export function openTable(address: string, { credential, calls }: Options): Records {
  const { account, name } = splitAddress(address, DEFAULT_TABLE);
  const table = openTableClient(account, name, credential);
  return createTableRecords({ table, call: createAzureCalls('table', calls), nextWrite: randomUUID });
}

/** @param address of the account or of the queue, `https://account.queue.core.windows.net[/queue]` */
export function openQueue(address: string, { credential, calls, maxAttempts }: Options): Queue {
  const { account, name } = splitAddress(address, DEFAULT_QUEUE);
  const clientOf = (queueName: string) => openQueueClient(`${account}/${queueName}`, credential);
  return createStorageQueue({
    queue: clientOf(name),
    poison: clientOf(name + POISON_SUFFIX),
    call: createAzureCalls('queue', calls),
    now: () => calls.clock.now(),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
  });
}

/** @param address of the account or of the container, `https://account.blob.core.windows.net[/container]` */
export function openContainer(address: string, { credential, calls }: Options): PayloadStore {
  const { account, name } = splitAddress(address, DEFAULT_CONTAINER);
  const call = createAzureCalls('blob', calls);
  let loading: Promise<PayloadStore> | undefined;
  const store = (): Promise<PayloadStore> => {
    loading ??= import('./payloads.ts').then(({ createBlobPayloads }) =>
      createBlobPayloads({ url: `${account}/${name}`, credential, call }),
    );
    return loading;
  };
  return {
    async put(id, bytes) {
      const copy = new Uint8Array(bytes);
      return (await store()).put(id, copy);
    },
    get: async (id) => (await store()).get(id),
    delete: async (id) => (await store()).delete(id),
    olderThan: async (time, limit) => (await store()).olderThan(time, limit),
  };
}

/** The queue that an address means. */
export function queueNameOf(address: string): string {
  return splitAddress(address, DEFAULT_QUEUE).name;
}

/** The last segment of the path is the name. An emulator's address has the account before it: `…:10001/account/queue`. */
function splitAddress(address: string, fallback: string): { account: string; name: string } {
  if (!URL.canParse(address)) throw new HeadroomError('configuration', 'the address of a store is no URL');
  const { origin, pathname } = new URL(address);
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const name = segments.pop();
  return { account: [origin, ...segments].join('/'), name: name ?? fallback };
}
