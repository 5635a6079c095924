/** A bundle of its own, loaded at the first payload: alerts are small, and the client of blobs is larger than all else. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { ContainerClient } from '@azure/storage-blob';
import type { PayloadStore } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { checkIdLimit, checkPayloadId } from '../bounds.ts';
import { damaged } from '../files/failure.ts';
import type { AzureCall } from './calls.ts';
import { codeOf, statusOf } from './failure.ts';

/** What an identity needs on the account, the container being there. */
export const permissions = {
  data: [
    'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
    'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write',
    'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete',
  ],
} as const;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Also keeps a name from ending in a full stop, which the service drops. */
const SUFFIX = '.gz';

/** Blobs of one page of a list, the service's most. */
const PAGE_BLOBS = 5_000;

/** A list ends here, whatever is left: a million blobs are half a minute. */
const MAX_PAGES = 200;

/** Payloads as gzipped blobs of one container, which is made when the first one finds none. Age is the service's own. */
export function createBlobPayloads(options: {
  url: string;
  credential: TokenCredential;
  call: AzureCall;
}): PayloadStore {
  const { call } = options;
  const container = new ContainerClient(options.url, options.credential, { retryOptions: { maxTries: 1 } });
  const blobOf = (id: string) => container.getBlockBlobClient(checkPayloadId(id) + SUFFIX);

  return {
    async put(id, bytes) {
      const blob = blobOf(id);
      const packed = await compress(bytes);
      const upload = (abortSignal: AbortSignal) =>
        blob.upload(packed, packed.byteLength, {
          abortSignal,
          blobHTTPHeaders: { blobContentType: 'application/gzip' },
        });
      await call(`writing payload ${id}`, async (abortSignal) => {
        try {
          await upload(abortSignal);
        } catch (error) {
          if (codeOf(error) !== 'ContainerNotFound') throw error;
          await container.createIfNotExists({ abortSignal });
          await upload(abortSignal);
        }
      });
    },

    async get(id) {
      const blob = blobOf(id);
      const packed = await call(`reading payload ${id}`, async (abortSignal) => {
        try {
          const { readableStreamBody } = await blob.download(0, undefined, { abortSignal });
          return readableStreamBody === undefined ? null : await collect(readableStreamBody);
        } catch (error) {
          if (statusOf(error) === 404) return null;
          throw error;
        }
      });
      return packed === null ? null : unpack(id, packed);
    },

    async delete(id) {
      const blob = blobOf(id);
      await call(`deleting payload ${id}`, async (abortSignal) => {
        try {
          await blob.delete({ abortSignal });
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
        }
      });
    },

    /** The service lists by name, so all are looked at; the oldest of those found come first. */
    async olderThan(time, limit) {
      checkIdLimit(limit);
      const before = new Date(time);
      const old: { name: string; writtenAt: Date }[] = [];
      let continuationToken: string | undefined;
      for (let page = 0; page < MAX_PAGES && old.length < limit; page += 1) {
        const listed = await call('listing payloads', (signal) => listPage(container, continuationToken, signal));
        for (const { name, properties } of listed.blobs)
          if (properties.lastModified < before) old.push({ name, writtenAt: properties.lastModified });
        continuationToken = listed.next;
        if (continuationToken === undefined) break;
      }
      return old
        .sort((a, b) => a.writtenAt.getTime() - b.writtenAt.getTime())
        .slice(0, limit)
        .map(({ name }) => name.slice(0, -SUFFIX.length));
    },
  };
}

async function listPage(container: ContainerClient, continuationToken: string | undefined, abortSignal: AbortSignal) {
  const settings = { maxPageSize: PAGE_BLOBS, ...(continuationToken === undefined ? {} : { continuationToken }) };
  try {
    for await (const page of container.listBlobsFlat({ abortSignal }).byPage(settings))
      return { blobs: page.segment.blobItems, next: page.continuationToken || undefined };
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  return { blobs: [], next: undefined };
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function unpack(id: string, packed: Buffer): Promise<Uint8Array> {
  try {
    return new Uint8Array(await decompress(packed));
  } catch (error) {
    throw damaged(id, error);
  }
}
