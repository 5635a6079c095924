import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadroomError } from '../../errors.ts';
import type { ArchiveProgress } from '../../ports.ts';
import { type Database, openDatabase, quoteText, WORK_ON_DISK_BYTES } from './database.ts';
import { isDamaged, nothingFound } from './failure.ts';
import { type FileProblem, findFiles } from './find-files.ts';
import { prepareFiles } from './prepare-files.ts';

export type TakeInOptions = {
  /** Files, folders and globs of exported audit logs: JSON lines or `{"records":[…]}`, gzip or not. */
  paths: readonly string[];
  /** For what does not fit the memory, and for files that have to be rewritten; default: the system's. */
  temporaryFolder?: string;
  memoryLimitMegabytes?: number;
  threads?: number;
  onProgress?: (progress: ArchiveProgress) => void;
};

/** What is run over the files once, as the language file says it. */
export type Intake = {
  intake: readonly string[];
  unreadable?: string;
  parameters: Readonly<Record<string, string | number>>;
};

export type TakenIn = {
  database: Database;
  /** What the intake left, on which every question rests. */
  tables: readonly string[];
  /** Files that the database read, wholly or in part. */
  files: number;
  /** What could not be read, or only in part. */
  problems: FileProblem[];
  unreadable: number;
  close(): Promise<void>;
};

/** Of the database alone; with what runs beside it the process stays below 600 MB. */
const MEMORY_LIMIT_MEGABYTES = 250;
const THREADS = 2;
/** Of less than this, a second thread costs more than it saves, and what is made of it fits beside all else. */
const SMALL_BYTES = 64 * 1_048_576;
/** Audit logs are packed to a twentieth or so. */
const GZIP_FACTOR = 20;

/**
 * Reads files into a database of its own, once. What damaged files still hold is taken out of them only where the first
 * try shows that some are.
 *
 * @throws what `explainFailure` explains, after which nothing is left behind
 */
export async function takeIn(
  options: TakeInOptions,
  intake: Intake,
  signal: AbortSignal | undefined,
): Promise<TakenIn> {
  const folder = await makeFolder(options.temporaryFolder);
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const found = await findFiles(options.paths, (pattern) => expandGlob(options, folder, pattern));
    if (found.files.length === 0) throw nothingFound(found.problems);
    for (const rewrite of ['needed', 'cut', 'all'] as const) {
      const taken = await tryToTakeIn(options, intake, { ...found, folder, rewrite }, signal);
      if (taken === 'damaged') continue;
      return {
        ...taken,
        close: async () => {
          taken.database.close();
          await removeFolder();
        },
      };
    }
    throw new HeadroomError('bug', 'rewritten files were read as if they lost lines');
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

type Found = {
  files: readonly string[];
  problems: readonly FileProblem[];
  folder: string;
  rewrite: 'needed' | 'cut' | 'all';
};

async function tryToTakeIn(
  options: TakeInOptions,
  intake: Intake,
  { files, problems: known, folder, rewrite }: Found,
  signal: AbortSignal | undefined,
): Promise<Omit<TakenIn, 'close'> | 'damaged'> {
  const prepared = await prepareFiles(files, folder, { rewrite, signal, onProgress: options.onProgress });
  const problems = [...known, ...prepared.problems];
  if (prepared.files.length === 0 && problems.length > 0) throw nothingFound(problems);
  const database = await openFor(options, folder, prepared.files);
  try {
    const unreadable = await interruptible(database, signal, () =>
      runIntake(
        database,
        intake,
        { files: prepared.files, skipped: problems.length, folder },
        options.onProgress,
        signal,
      ),
    );
    // A line that breaks off may have taken the next one with it: then the files are looked at again.
    if (rewrite !== 'needed' || unreadable === 0)
      return { database, tables: await database.tables(), files: prepared.files.length, problems, unreadable };
  } catch (error) {
    database.close();
    signal?.throwIfAborted();
    if (rewrite === 'all' || !isDamaged(error)) throw error;
    return 'damaged';
  }
  database.close();
  return 'damaged';
}

async function runIntake(
  database: Database,
  { intake, unreadable, parameters }: Intake,
  { files, skipped, folder }: { files: readonly string[]; skipped: number; folder: string },
  onProgress: TakeInOptions['onProgress'],
  signal: AbortSignal | undefined,
): Promise<number> {
  await database.run(`SET VARIABLE headroom_files = [${files.map(quoteText).join(', ')}]`);
  await database.run(`SET VARIABLE headroom_skipped_files = ${skipped}`);
  await database.confineTo(files, folder);
  const total = await totalBytes(files);
  let done = 0;
  const stopWatching = database.watch((share) => {
    done = Math.max(done, Math.floor(share * total));
    onProgress?.({ phase: 'reading', done, total, unit: 'bytes' });
  });
  try {
    for (const text of intake) {
      signal?.throwIfAborted();
      await database.run(text, parameters);
    }
  } finally {
    stopWatching();
  }
  onProgress?.({ phase: 'reading', done: total, total, unit: 'bytes' });
  if (unreadable === undefined) return 0;
  const [row = {}] = await database.run(unreadable);
  return Number(Object.values(row)[0] ?? 0);
}

/** Stops what the database does when asked to. */
export async function interruptible<T>(
  database: Database,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const stop = (): void => database.interrupt();
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop);
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function makeFolder(parent: string | undefined): Promise<string> {
  if (parent !== undefined) await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent ?? tmpdir(), 'headroom-'));
}

async function openFor(options: TakeInOptions, folder: string, files: readonly string[]): Promise<Database> {
  const bytes = await totalBytes(files);
  const packedBytes = await totalBytes(files.filter((file) => /\.gz$/i.test(file)));
  const small = bytes + (GZIP_FACTOR - 1) * packedBytes < SMALL_BYTES;
  return openDatabase({
    memoryLimitMegabytes: options.memoryLimitMegabytes ?? MEMORY_LIMIT_MEGABYTES,
    threads: options.threads ?? (small ? 1 : THREADS),
    temporaryFolder: folder,
    small,
    ...(bytes > WORK_ON_DISK_BYTES && { file: join(await mkdtemp(join(folder, 'work-')), 'work.duckdb') }),
  });
}

async function totalBytes(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function expandGlob(options: TakeInOptions, folder: string, pattern: string): Promise<string[]> {
  const database = await openFor(options, folder, []);
  try {
    const rows = await database.run('SELECT file FROM glob($pattern)', { pattern });
    return rows.map(({ file }) => String(file));
  } finally {
    database.close();
  }
}
