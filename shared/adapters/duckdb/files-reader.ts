import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { Reading, Resource, Row } from '../../model.ts';
import type { EvidenceReader, EvidenceRequest } from '../../ports.ts';
import { type Database, openDatabase, quoteText, WORK_ON_DISK_BYTES } from './database.ts';
import { explainFailure, isDamaged, nothingFound } from './failure.ts';
import { findFiles } from './find-files.ts';
import { prepareFiles } from './prepare-files.ts';

export type FilesReaderOptions = {
  /** Files, folders and globs of exported audit logs: JSON lines or `{"records":[…]}`, gzip or not. */
  paths: readonly string[];
  /** Epoch milliseconds. */
  now: () => number;
  /** For what does not fit the memory, and for files that have to be rewritten; default: the system's. */
  temporaryFolder?: string;
  memoryLimitMegabytes?: number;
  threads?: number;
};

const MEMORY_LIMIT_MEGABYTES = 300;
const THREADS = 2;

/**
 * Exported Key Vault audit logs as a store, read anew at each call. Lines and files that cannot be read are left out and
 * counted; that nothing can be read is an `unavailable` reading, never an exception.
 */
export function createFilesReader(options: FilesReaderOptions): EvidenceReader {
  return {
    store: 'files',
    language: 'sql',
    covers: (resource) => isKeyVault(resource) && options.paths.length > 0,
    async read(request, signal) {
      try {
        return await withTemporaryFolder(options.temporaryFolder, (folder) =>
          readFiles(options, request, folder, signal),
        );
      } catch (error) {
        if (isHeadroomError(error) && error.kind === 'bug') throw error;
        const { why, nextStep } = explainFailure(error, options.paths, signal);
        return readingsOf(request, options.now).map((head) => ({ ...head, state: 'unavailable', why, nextStep }));
      }
    },
  };
}

function isKeyVault({ cloud, id }: Resource): boolean {
  return cloud === 'azure' && /\/providers\/microsoft\.keyvault\/vaults\/[^/]+$/i.test(id);
}

type Head = Pick<Reading, 'kind' | 'store' | 'window' | 'readAt'>;

function readingsOf(request: EvidenceRequest, now: () => number): Head[] {
  const readAt = new Date(now()).toISOString();
  return request.query.statements.map(({ kind, window }) => ({
    kind,
    store: 'files',
    window: window ?? request.window,
    readAt,
  }));
}

async function withTemporaryFolder<T>(parent: string | undefined, use: (folder: string) => Promise<T>): Promise<T> {
  if (parent !== undefined) await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'headroom-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readFiles(
  options: FilesReaderOptions,
  request: EvidenceRequest,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Reading[]> {
  const found = await findFiles(options.paths, (pattern) => expandGlob(options, folder, pattern));
  if (found.files.length === 0) throw nothingFound(found.problems);
  const ask = async (rewrite: Rewrite): Promise<Row[][] | 'lines lost'> => {
    const prepared = await prepareFiles(found.files, folder, { rewrite, signal });
    const problems = [...found.problems, ...prepared.problems];
    if (prepared.files.length === 0 && problems.length > 0) throw nothingFound(problems);
    const files = { folder, files: prepared.files, skipped: problems.length };
    return query(options, request, files, { mayLoseLines: rewrite === 'needed' }, signal);
  };
  const answers = await askUntilWhole(ask, signal);
  return readingsOf(request, options.now).map((head, index) => ({
    ...head,
    state: 'read',
    rows: answers[index] ?? [],
    truncated: false,
    // What the vault answered in all is known only to its metric (field-notes 2).
    completeness: null,
  }));
}

type Rewrite = 'needed' | 'cut' | 'all';

/** What damaged files still hold is taken out of them only where the first try shows that some are. */
async function askUntilWhole(
  ask: (rewrite: Rewrite) => Promise<Row[][] | 'lines lost'>,
  signal: AbortSignal | undefined,
): Promise<Row[][]> {
  for (const rewrite of ['needed', 'cut', 'all'] as const) {
    try {
      const answers = await ask(rewrite);
      if (answers !== 'lines lost') return answers;
    } catch (error) {
      signal?.throwIfAborted();
      if (rewrite === 'all' || !isDamaged(error)) throw error;
    }
  }
  throw new HeadroomError('bug', 'rewritten files were read as if they lost lines');
}

type Prepared = { folder: string; files: readonly string[]; skipped: number };

async function query(
  options: FilesReaderOptions,
  request: EvidenceRequest,
  { folder, files, skipped }: Prepared,
  { mayLoseLines }: { mayLoseLines: boolean },
  signal: AbortSignal | undefined,
): Promise<Row[][] | 'lines lost'> {
  const database = await openFor(options, folder, await totalBytes(files));
  const stop = (): void => database.interrupt();
  signal?.addEventListener('abort', stop);
  try {
    const list = files.map(quoteText).join(', ');
    await database.run(`SET VARIABLE headroom_files = [${list}]`);
    await database.run(`SET VARIABLE headroom_skipped_files = ${skipped}`);
    await database.confineTo(files, folder);
    for (const text of request.query.setup) {
      signal?.throwIfAborted();
      await database.run(text, request.query.parameters);
    }
    if (mayLoseLines && (await countUnreadable(database, request)) > 0) return 'lines lost';
    const answers: Row[][] = [];
    for (const { text } of request.query.statements) {
      signal?.throwIfAborted();
      answers.push(await database.run(text, request.query.parameters));
    }
    return answers;
  } finally {
    signal?.removeEventListener('abort', stop);
    database.close();
  }
}

async function countUnreadable(database: Database, { query: { unreadable } }: EvidenceRequest): Promise<number> {
  if (unreadable === undefined) return 0;
  const [row = {}] = await database.run(unreadable);
  return Number(Object.values(row)[0] ?? 0);
}

async function openFor(options: FilesReaderOptions, folder: string, bytes: number): Promise<Database> {
  return openDatabase({
    memoryLimitMegabytes: options.memoryLimitMegabytes ?? MEMORY_LIMIT_MEGABYTES,
    threads: options.threads ?? THREADS,
    temporaryFolder: folder,
    ...(bytes > WORK_ON_DISK_BYTES && { file: join(folder, 'work.duckdb') }),
  });
}

async function totalBytes(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function expandGlob(options: FilesReaderOptions, folder: string, pattern: string): Promise<string[]> {
  const database = await openFor(options, folder, 0);
  try {
    const rows = await database.run('SELECT file FROM glob($pattern)', { pattern });
    return rows.map(({ file }) => String(file));
  } finally {
    database.close();
  }
}
