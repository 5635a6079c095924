import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { HeadroomError } from '../../errors.ts';
import type { Clock, Queue, Records } from '../../ports.ts';
import { DEFAULT_MAX_ATTEMPTS } from '../bounds.ts';
import { isBusy, sqliteFailure } from './failure.ts';
import { BUSY_SLICE_MS, createGroupCommit } from './group-commit.ts';
import { createQueue } from './queue.ts';
import { createRecords } from './records.ts';
import { prepareSchema } from './schema.ts';

export type SqliteStore = {
  records: Records;
  queue: Queue;
  /** Commits what is pending, then closes the file; later calls are rejected as `unavailable`. */
  close(): Promise<void>;
};

/** Only one process can turn a new file to write-ahead logging; the others ask again. */
const OPEN_TRIES = 20;
const OPEN_RETRY_MS = 50;

/**
 * Records and queue in one SQLite file, made with mode 0600 in a folder of mode 0700 when missing. Writes of one turn of
 * the event loop share a transaction and a flush to the disk; a promise resolves after it. Several processes may share the file.
 *
 * @param options.path a file, or `:memory:`
 * @param options.maxAttempts deliveries before a message is a dead letter, 1..1000, default 5
 * @throws HeadroomError `newer-version`, `configuration`, `denied`, or `unavailable` while another process holds the file
 */
export async function openSqlite(options: { path: string; clock: Clock; maxAttempts?: number }): Promise<SqliteStore> {
  const { path, clock, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;
  const database = await openDatabase(path);
  try {
    const opened = await prepare(database, path);
    const commits = createGroupCommit(database, path);
    const nextToken = countTokens(opened);
    return {
      records: createRecords(database, commits, { name: path, nextToken }),
      queue: createQueue(database, commits, { name: path, nextToken, clock, maxAttempts }),
      close: async () => {
        commits.close();
        if (database.isOpen) database.close();
      },
    };
  } catch (error) {
    database.close();
    throw sqliteFailure(error, `opening ${path}`);
  }
}

/** Revisions and receipts: no two alike in the life of a file, whatever a clock says and whoever else has it open. */
function countTokens(opened: number): () => string {
  const prefix = `${opened.toString(36)}.`;
  let count = 0;
  return () => {
    count += 1;
    return prefix + count.toString(36);
  };
}

async function openDatabase(path: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import('node:sqlite');
  try {
    if (path !== ':memory:') makePrivate(path);
    return new DatabaseSync(path);
  } catch (error) {
    throw openFailure(error, path);
  }
}

/** SQLite makes its files readable for all; its side files then take the mode of the main one. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function openFailure(error: unknown, path: string): HeadroomError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^E[A-Z]+$/.test(code)) return sqliteFailure(error, `opening ${path}`);
  const kind = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'denied' : 'configuration';
  const nextStep = 'check that HEADROOM_HOME names a folder that this user can write';
  return new HeadroomError(kind, `opening ${path} failed: ${code}`, { cause: error, nextStep });
}

async function prepare(database: DatabaseSync, path: string): Promise<number> {
  database.exec(`PRAGMA busy_timeout = ${BUSY_SLICE_MS}; PRAGMA synchronous = FULL`);
  for (let tries = 1; ; tries += 1) {
    try {
      const opened = prepareSchema(database, path);
      logAhead(database, path);
      return opened;
    } catch (error) {
      if (!isBusy(error) || tries === OPEN_TRIES) throw error;
      await wait(OPEN_RETRY_MS);
    }
  }
}

function logAhead(database: DatabaseSync, path: string): void {
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode === 'wal' || path === ':memory:') return;
  throw new HeadroomError('configuration', `${path} stands where SQLite cannot keep a write-ahead log`, {
    nextStep: 'set HEADROOM_HOME to a folder on a local disk',
  });
}
