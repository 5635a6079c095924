import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { HeadroomError } from '../../errors.ts';
import type { PayloadStore, Queue, Records } from '../../ports.ts';
import type { CloudStores } from '../stores.ts';
import { type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';
import { createSqsQueue } from './queue.ts';
import { createDynamoRecords } from './records.ts';

/** Base URLs in place of AWS's own. */
type Endpoints = { DYNAMODB?: string | undefined; SQS?: string | undefined; S3?: string | undefined };

type Options = {
  /** Base URL in place of AWS's own. */
  endpoint?: string | undefined;
  limits?: CallLimits;
  /** Epoch milliseconds. */
  now: () => number;
};

/** The stores of an AWS account, reached with the role of this process. Table, queues and bucket must be there. */
export function awsStores(endpoints: Endpoints, now: () => number): CloudStores {
  const { DYNAMODB, SQS, S3 } = endpoints;
  return {
    records: { kind: 'dynamodb', open: async ({ table = '' }) => openTable(table, { endpoint: DYNAMODB, now }) },
    queue: { kind: 'sqs', open: async ({ url = '' }) => openQueue(url, { endpoint: SQS, now }) },
    payloads: { kind: 's3', open: async ({ bucket = '' }) => openBucket(bucket, { endpoint: S3 }) },
  };
}

/** @param table name of the table */
export function openTable(table: string, { endpoint, limits = {}, now }: Options): Records {
  const client = new DynamoDBClient(clientOptions(endpoint, limits));
  return createDynamoRecords({
    client,
    table,
    call: createAwsCalls('dynamodb', limits),
    nextRevision: randomUUID,
    now,
  });
}

/** Then the client finds the host by itself, which may have to be one of its others (FIPS, dual stack). */
const HOST_OF_AWS = /\.amazonaws\.com(?:\.cn)?$/;

/** @param url of the queue, `https://sqs.<region>.amazonaws.com/<account>/<name>`; a host that is not AWS's own is called as it is */
export function openQueue(url: string, { endpoint, limits = {}, now }: Options): Queue {
  if (!URL.canParse(url)) throw new HeadroomError('configuration', 'the address of the queue is no URL');
  const { hostname, origin } = new URL(url);
  const host = endpoint ?? (HOST_OF_AWS.test(hostname) ? undefined : origin);
  const client = new SQSClient({ ...clientOptions(host, limits), useQueueUrlAsEndpoint: false });
  return createSqsQueue({ client, url, call: createAwsCalls('sqs', limits), now });
}

/** @param bucket name of the bucket */
export function openBucket(bucket: string, { endpoint, limits = {} }: Omit<Options, 'now'>): PayloadStore {
  let loading: Promise<PayloadStore> | undefined;
  const store = (): Promise<PayloadStore> => {
    loading ??= import('./payloads.ts').then((loaded) => loaded.openBucket({ bucket, endpoint, limits }));
    return loading;
  };
  return {
    async put(id, bytes) {
      const copy = new Uint8Array(bytes);
      await (await store()).put(id, copy);
    },
    get: async (id) => (await store()).get(id),
    delete: async (id) => (await store()).delete(id),
    olderThan: async (time, limit) => (await store()).olderThan(time, limit),
  };
}
