import type { HttpMethods, PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '../../secrets/token.ts';
import { elementsOf, escapeXml, textIn } from './queue-xml.ts';
import { openStorage, STORAGE_SCOPE } from './storage-calls.ts';

/** A message as the service gives it out, with the receipt that this delivery goes by. */
export type ReceivedItem = {
  messageId: string;
  popReceipt: string;
  messageText: string;
  dequeueCount: number;
  insertedOn: Date;
};

/** The six operations of Queue storage that Headroom needs, each one request: no retries, errors are `RestError`s. */
export type QueueClient = {
  /** The last segment of its address. */
  name: string;
  create(signal: AbortSignal): Promise<void>;
  /** Seconds; a time to live of -1 is for ever. */
  send(text: string, times: { hiddenSeconds: number; liveSeconds: number }, signal: AbortSignal): Promise<void>;
  receive(max: number, hiddenSeconds: number, signal: AbortSignal): Promise<ReceivedItem[]>;
  /** Hides a received message for so long from now; its text stays. @returns the receipt it goes by then */
  hide(item: Receipt, hiddenSeconds: number, signal: AbortSignal): Promise<string>;
  remove(item: Receipt, signal: AbortSignal): Promise<void>;
  /** Approximate, never too small. */
  count(signal: AbortSignal): Promise<number>;
};

type Receipt = Pick<ReceivedItem, 'messageId' | 'popReceipt'>;

/** @see https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
const VERSION = '2024-11-04';

/**
 * Queue storage as its protocol is, in place of Microsoft's own client of queues: that is 90 KiB, most of it for XML, and
 * an alert waits for it.
 *
 * @param address `https://account.queue.core.windows.net/queue`
 * @see https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
 */
export function openQueueClient(address: string, credential: TokenCredential): QueueClient {
  const storage = openStorage({
    credential,
    scope: STORAGE_SCOPE,
    codeOf: ({ headers }) => headers.get('x-ms-error-code'),
  });
  const name = address.split('/').at(-1) ?? '';

  function call(
    request: { method: HttpMethods; path?: string; query?: Record<string, string | number>; body?: string },
    signal: AbortSignal,
  ): Promise<PipelineResponse> {
    const { path = '', ...rest } = request;
    const typed = request.body === undefined ? {} : { 'content-type': 'application/xml' };
    const headers = { 'x-ms-version': VERSION, accept: 'application/xml', ...typed };
    return storage({ ...rest, address: address + path, headers }, signal);
  }

  return {
    name,
    async create(signal) {
      await call({ method: 'PUT' }, signal);
    },
    async send(text, { hiddenSeconds, liveSeconds }, signal) {
      const query = { visibilitytimeout: hiddenSeconds, messagettl: liveSeconds };
      const body = `<QueueMessage><MessageText>${escapeXml(text)}</MessageText></QueueMessage>`;
      await call({ method: 'POST', path: '/messages', query, body }, signal);
    },
    async receive(max, hiddenSeconds, signal) {
      const query = { numofmessages: max, visibilitytimeout: hiddenSeconds };
      const { bodyAsText } = await call({ method: 'GET', path: '/messages', query }, signal);
      return elementsOf(bodyAsText ?? '', 'QueueMessage').map(itemOf);
    },
    async hide({ messageId, popReceipt }, hiddenSeconds, signal) {
      const query = { popreceipt: popReceipt, visibilitytimeout: hiddenSeconds };
      const { headers } = await call({ method: 'PUT', path: pathOf(messageId), query }, signal);
      return headers.get('x-ms-popreceipt') ?? popReceipt;
    },
    async remove({ messageId, popReceipt }, signal) {
      await call({ method: 'DELETE', path: pathOf(messageId), query: { popreceipt: popReceipt } }, signal);
    },
    async count(signal) {
      const { headers } = await call({ method: 'GET', query: { comp: 'metadata' } }, signal);
      return Number(headers.get('x-ms-approximate-messages-count') ?? 0);
    },
  };
}

function pathOf(messageId: string): string {
  return `/messages/${encodeURIComponent(messageId)}`;
}

function itemOf(element: string): ReceivedItem {
  return {
    messageId: textIn(element, 'MessageId'),
    popReceipt: textIn(element, 'PopReceipt'),
    messageText: textIn(element, 'MessageText'),
    dequeueCount: Number(textIn(element, 'DequeueCount')),
    insertedOn: new Date(textIn(element, 'InsertionTime')),
  };
}
