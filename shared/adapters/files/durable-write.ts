import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes the folder, and what is missing above it, so that it outlives a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const topmost = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if (topmost === undefined) return;
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * Writes a file of mode 0600 so that a reader, or a process after a crash, finds all of it or nothing. Resolves once bytes
 * and name are on the disk.
 *
 * @param options.drafts folder on the same disk for what is not whole yet
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  options: { drafts: string; modifiedAt: Date },
): Promise<void> {
  const draft = join(options.drafts, randomBytes(12).toString('hex'));
  try {
    await writeSynced(draft, bytes, options.modifiedAt);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeSynced(path: string, bytes: Uint8Array, modifiedAt: Date): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.utimes(modifiedAt, modifiedAt);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is durable once its folder is; Windows knows no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
