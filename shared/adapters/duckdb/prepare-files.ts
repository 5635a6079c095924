import { createReadStream, createWriteStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { HeadroomError } from '../../errors.ts';
import type { ArchiveProgress } from '../../ports.ts';
import { type FileProblem, GLOB } from './find-files.ts';
import { cutLineFinder, lineSplitter, recordSplitter } from './split-records.ts';

const HEAD_BYTES = 65_536;

/** How a file's bytes are laid out, told from its beginning. */
export type Layout = { gzip: boolean; byteOrderMark: boolean; records: 'lines' | 'document' | 'none' };

/** The first bytes of a file decide; its name may lie. */
export function layoutOf(head: Uint8Array): Layout {
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(gzip ? startOfGzip(head) : head);
  const byteOrderMark = text.startsWith('\uFEFF');
  return { gzip, byteOrderMark, records: recordsIn(byteOrderMark ? text.slice(1) : text) };
}

function startOfGzip(head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

function recordsIn(text: string): Layout['records'] {
  const trimmed = text.trimStart();
  if (trimmed === '') return 'none';
  const [firstLine = '', secondLine = ''] = trimmed.split('\n', 2).map((line) => line.trim());
  if (trimmed.startsWith('[') || /^\{\s*"records"\s*:/i.test(trimmed)) return 'document';
  // A record spread over several lines; a broken line is followed by the beginning of another record.
  if (trimmed.startsWith('{') && /[{[,]$/.test(firstLine) && /^["{}[\]]/.test(secondLine) && !/^\{./.test(secondLine))
    return 'document';
  if (/"records"\s*:\s*\[/i.test(firstLine)) return 'document';
  return 'lines';
}

export type PreparedFiles = {
  /** Files of JSON lines as the reader can take them: the file itself, or its records rewritten into the folder. */
  files: string[];
  /** What could not be read, or only in part. */
  problems: FileProblem[];
};

export type PrepareOptions = {
  rewrite: 'needed' | 'cut' | 'all';
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ArchiveProgress) => void) | undefined;
};

/**
 * Brings every file into JSON lines. A file that is already so is left where it is, save that `rewrite` asks for more:
 * `cut`, those in which a line breaks off so that the next would be lost; `all`, what a damaged file still holds, for which
 * a gzip that breaks off gives what it has up to there.
 */
export async function prepareFiles(
  files: readonly string[],
  folder: string,
  options: PrepareOptions,
): Promise<PreparedFiles> {
  const prepared: PreparedFiles = { files: [], problems: [] };
  for (const [index, file] of files.entries()) {
    try {
      const layout = layoutOf(await readHead(file));
      // A name is read as a pattern, so one that looks like it is read under another.
      const named = layout.gzip === /\.gz$/i.test(file) && !GLOB.test(file);
      const readable = layout.records === 'lines' && named && !layout.byteOrderMark;
      if (layout.records === 'none' && !layout.gzip) continue;
      const inPlace =
        options.rewrite !== 'all' &&
        !(options.rewrite === 'cut' && (await hasCutLine(file, layout.gzip, options.signal)));
      if (readable && inPlace) {
        prepared.files.push(file);
        continue;
      }
      const target = join(folder, `${index}.json`);
      options.onProgress?.({ phase: 'rewriting', done: index, total: files.length, unit: 'steps' });
      const { partly, bytes } = await rewrite(file, layout, target, options.signal);
      prepared.files.push(target);
      if (partly !== null) prepared.problems.push({ path: file, error: partly });
      else if (layout.gzip && (await breaksOff(file, bytes))) prepared.problems.push({ path: file, error: BREAKS_OFF });
    } catch (error) {
      options.signal?.throwIfAborted();
      prepared.problems.push({ path: file, error });
    }
  }
  if (prepared.files.length === 0 && prepared.problems.length === 0) {
    // Every file is empty: that is a valid answer, and the reader needs a file to find nothing in.
    const nothing = join(folder, 'nothing.json');
    await writeFile(nothing, '');
    prepared.files.push(nothing);
  }
  return prepared;
}

/** Whether a line breaks off where a value has to follow, or the whole gzip does. */
async function hasCutLine(path: string, gzip: boolean, signal: AbortSignal | undefined): Promise<boolean> {
  const isCut = cutLineFinder();
  const content = gzip ? contentOf(path, gzip, constants.Z_FINISH) : createReadStream(path);
  try {
    for await (const bytes of content) {
      signal?.throwIfAborted();
      if (isCut(bytes)) return true;
    }
    return false;
  } catch (error) {
    signal?.throwIfAborted();
    if (gzip) return true;
    throw error;
  } finally {
    content.destroy();
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function rewrite(
  path: string,
  layout: Layout,
  target: string,
  signal: AbortSignal | undefined,
): Promise<{ partly: unknown; bytes: number }> {
  const split = layout.records === 'document' ? recordSplitter() : lineSplitter();
  const state: { partly: unknown; bytes: number } = { partly: null, bytes: 0 };
  async function* records(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of contentOf(path, layout.gzip)) {
        state.bytes += bytes.length;
        const lines = split(decoder.decode(bytes, { stream: true }));
        if (lines.length > 0) yield `${lines.join('\n')}\n`;
      }
    } catch (error) {
      signal?.throwIfAborted();
      state.partly = error;
    }
    const rest = split(null);
    if (rest.length > 0) yield `${rest.join('\n')}\n`;
  }
  await pipeline(records, createWriteStream(target), signal === undefined ? {} : { signal });
  return state;
}

const BREAKS_OFF = new HeadroomError('invalid', 'its gzip breaks off: read up to there');

/**
 * Whether a gzip, read as far as it goes, ends before its end. Its last four bytes are the size of what it holds; only a
 * file of several parts, whose last one they speak of, has to be read again.
 */
async function breaksOff(path: string, contentBytes: number): Promise<boolean> {
  if ((await readSizeAtEnd(path)) === contentBytes % 2 ** 32) return false;
  try {
    for await (const _bytes of createReadStream(path).pipe(createGunzip()));
    return false;
  } catch {
    return true;
  }
}

async function readSizeAtEnd(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < 4) return null;
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, size - 4);
    return buffer.readUInt32LE();
  } finally {
    await file.close();
  }
}

/** @param finishFlush what to make of the end: by default, what breaks off ends there */
function contentOf(path: string, gzip: boolean, finishFlush: number = constants.Z_SYNC_FLUSH): Readable {
  const bytes = createReadStream(path);
  const content = gzip ? createGunzip({ finishFlush }) : new PassThrough();
  bytes.on('error', (error) => content.destroy(error));
  return bytes.pipe(content);
}
