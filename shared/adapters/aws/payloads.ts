/** A bundle of its own, loaded at the first payload: alerts are small, and this client is as large as the other two. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { HeadroomError } from '../../errors.ts';
import type { PayloadStore } from '../../ports.ts';
import { checkIdLimit, checkPayloadId } from '../bounds.ts';
import { type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';
import { codeOf } from './failure.ts';

/** What a role needs; without the right to list, S3 says "denied" of an object that is not there. */
export const permissions = {
  iam: [
    { actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], resources: ['the objects of the bucket'] },
    { actions: ['s3:ListBucket'], resources: ['the bucket'] },
  ],
} as const;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const SUFFIX = '.gz';

/** Objects of one page of a list, the service's most. */
const PAGE_OBJECTS = 1_000;

/** A list ends here, whatever is left: 200,000 objects are about ten seconds. */
const MAX_PAGES = 200;

/**
 * Payloads as gzipped objects of one bucket, encrypted at rest. Age is the service's own, in whole seconds.
 *
 * @param options.endpoint in place of AWS's own; buckets are then named in the path
 */
export function openBucket(options: {
  bucket: string;
  endpoint: string | undefined;
  limits: CallLimits;
}): PayloadStore {
  const { bucket, endpoint, limits } = options;
  // No certificate of AWS covers a bucket whose name has a full stop as a host.
  const forcePathStyle = endpoint !== undefined || bucket.includes('.');
  const client = new S3Client({ ...clientOptions(endpoint, limits), forcePathStyle });
  const call = createAwsCalls('s3', limits);
  const objectOf = (id: string) => ({ Bucket: bucket, Key: checkPayloadId(id) + SUFFIX });

  return {
    /** The bytes are its own: whoever hands them over changes them no more. */
    async put(id, bytes) {
      const object = objectOf(id);
      const packed = await compress(bytes);
      const input = {
        ...object,
        Body: packed,
        ContentType: 'application/gzip',
        ServerSideEncryption: 'AES256' as const,
      };
      await call(`writing payload ${id}`, (abortSignal) => client.send(new PutObjectCommand(input), { abortSignal }));
    },

    async get(id) {
      const object = objectOf(id);
      const packed = await call(`reading payload ${id}`, async (abortSignal) => {
        try {
          const { Body } = await client.send(new GetObjectCommand(object), { abortSignal });
          return Body === undefined ? null : await Body.transformToByteArray();
        } catch (error) {
          if (codeOf(error) === 'NoSuchKey') return null;
          throw error;
        }
      });
      return packed === null ? null : unpack(id, packed);
    },

    async delete(id) {
      const object = objectOf(id);
      await call(`deleting payload ${id}`, (abortSignal) =>
        client.send(new DeleteObjectCommand(object), { abortSignal }),
      );
    },

    /** The service lists by name, so all are looked at; the oldest of those found come first. */
    async olderThan(time, limit) {
      checkIdLimit(limit);
      const before = new Date(time);
      const old: { key: string; writtenAt: Date }[] = [];
      let from: string | undefined;
      for (let page = 0; page < MAX_PAGES && old.length < limit; page += 1) {
        const input = { Bucket: bucket, MaxKeys: PAGE_OBJECTS, ContinuationToken: from };
        const listed = await call('listing payloads', (abortSignal) =>
          client.send(new ListObjectsV2Command(input), { abortSignal }),
        );
        for (const { Key: key, LastModified: writtenAt } of listed.Contents ?? [])
          if (key?.endsWith(SUFFIX) && writtenAt !== undefined && writtenAt < before) old.push({ key, writtenAt });
        from = listed.NextContinuationToken;
        if (from === undefined) break;
      }
      return old
        .sort((a, b) => a.writtenAt.getTime() - b.writtenAt.getTime())
        .slice(0, limit)
        .map(({ key }) => key.slice(0, -SUFFIX.length));
    },
  };
}

async function unpack(id: string, packed: Uint8Array): Promise<Uint8Array> {
  try {
    return new Uint8Array(await decompress(packed));
  } catch (error) {
    throw damaged(id, error);
  }
}

function damaged(id: string, cause: unknown): HeadroomError {
  const nextStep = 'put a copy of the object back, or delete it';
  return new HeadroomError('invalid', `payload ${id} is damaged`, { cause, nextStep });
}
