import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Clock, PayloadStore } from '../../ports.ts';
import { checkIdLimit, checkPayloadId } from '../bounds.ts';
import { makeFolder, writeDurably } from './durable-write.ts';
import { codeOf, damaged, fileFailure } from './failure.ts';

// Asked of the module at each use: bundles load it with the first.
const compress = (bytes: Uint8Array): Promise<Buffer> => promisify(gzip)(bytes);
const decompress = (bytes: Uint8Array): Promise<Buffer> => promisify(gunzip)(bytes);

const SUFFIX = '.gz';

/** No id begins with a full stop, so drafts are never taken for payloads. */
const DRAFTS = '.drafts';

/** A draft of this age belongs to a process that died while writing it. */
const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Payloads as gzipped files of mode 0600 in one folder of mode 0700, which is made when missing. `put` resolves once the
 * bytes are on the disk; a reader sees the old bytes or the new, never a part. Where the file system takes upper and lower
 * case for the same, so does this store.
 *
 * @throws HeadroomError `denied` or `unavailable` when the folder cannot be made
 */
export async function openPayloadFolder(options: { folder: string; clock: Clock }): Promise<PayloadStore> {
  const { clock } = options;
  const folder = resolve(options.folder);
  const drafts = join(folder, DRAFTS);
  const pathOf = (id: string): string => join(folder, fileNameOf(id));
  await attempt(`opening ${folder}`, async () => {
    await makeFolder(drafts);
    await removeAbandoned(drafts, clock.now() - ABANDONED_AFTER_MS);
  });

  return {
    async put(id, bytes) {
      const path = pathOf(id);
      const copy = new Uint8Array(bytes);
      await attempt(`writing payload ${id}`, async () =>
        writeDurably(path, await compress(copy), { drafts, modifiedAt: new Date(clock.now()) }),
      );
    },

    async get(id) {
      const path = pathOf(id);
      const bytes = await attempt(`reading payload ${id}`, () => unlessMissing(readFile(path)));
      return bytes === undefined ? null : unpack(id, bytes);
    },

    async delete(id) {
      const path = pathOf(id);
      await attempt(`deleting payload ${id}`, () => rm(path, { force: true }));
    },

    async olderThan(time, limit) {
      checkIdLimit(limit);
      return attempt(`listing payloads in ${folder}`, () => listOlder(folder, Date.parse(time), limit));
    },
  };
}

/** `evidence/abc` -> `evidence~abc.gz`: one flat folder, so that no id is both a file and a folder. */
function fileNameOf(id: string): string {
  return checkPayloadId(id).replaceAll('/', '~') + SUFFIX;
}

async function listOlder(folder: string, beforeMs: number, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (const name of await readdir(folder)) {
    if (ids.length === limit) break;
    if (!name.endsWith(SUFFIX)) continue;
    const found = await unlessMissing(stat(join(folder, name)));
    if (found !== undefined && found.mtimeMs < beforeMs) ids.push(name.slice(0, -SUFFIX.length).replaceAll('~', '/'));
  }
  return ids;
}

async function removeAbandoned(drafts: string, beforeMs: number): Promise<void> {
  for (const name of await readdir(drafts)) {
    const path = join(drafts, name);
    const found = await unlessMissing(stat(path));
    if (found !== undefined && found.mtimeMs < beforeMs) await rm(path, { force: true });
  }
}

async function unpack(id: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return new Uint8Array(await decompress(bytes));
  } catch (error) {
    throw damaged(id, error);
  }
}

/** Someone else may delete a file between the time it is listed and the time it is opened. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function attempt<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw fileFailure(error, what);
  }
}
