import type { DatabaseSync } from 'node:sqlite';
import { HeadroomError } from '../../errors.ts';
import { isBusy, sqliteFailure } from './failure.ts';

/** How long SQLite itself waits for another process's lock, blocking the event loop; and how often it is asked to. */
export const BUSY_SLICE_MS = 250;
const BUSY_SLICES = 20;

/** Writes that share one transaction, and so one flush to the disk. */
export type GroupCommit = {
  /**
   * Runs `change` in the transaction of this turn of the event loop. Settles after its commit: with what `change` gave, or
   * rejected with what it threw, which undoes that one change when it is a single statement (several: see `atomically`).
   * When the transaction fails, every write of it is rejected as `unavailable` and none is kept.
   */
  write<T>(change: () => T): Promise<T>;
  /** Runs a change of several statements so that it fails or succeeds as a whole. */
  atomically<T>(change: () => T): T;
  /** Commits what is pending and refuses anything later. */
  close(): void;
};

type Write = {
  /** Throws what the change throws. */
  run(): void;
  resolve(): void;
  reject(error: HeadroomError): void;
};

/** Turns of the event loop that a batch grows for at most: microseconds when little comes, a few milliseconds when much does. */
const GATHER_TURNS = 16;

export function createGroupCommit(database: DatabaseSync, name: string): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const savepoint = database.prepare('SAVEPOINT change');
  const release = database.prepare('RELEASE change');
  let pending: Write[] = [];
  let busySlices = 0;
  let gathered = 0;
  let turns = 0;
  let closed = false;

  function flush(): void {
    if (pending.length === 0) return;
    try {
      begin.run();
    } catch (error) {
      busySlices += 1;
      if (isBusy(error) && busySlices < BUSY_SLICES) setImmediate(flush);
      else rejectAll(takePending(), sqliteFailure(error, `beginning a transaction in ${name}`));
      return;
    }
    const batch = takePending();
    try {
      const rejected = runAll(database, batch, name);
      commit.run();
      for (const write of batch) if (!rejected?.has(write)) write.resolve();
      for (const [write, error] of rejected ?? []) write.reject(error);
    } catch (error) {
      rollBack(database);
      rejectAll(batch, sqliteFailure(error, `committing ${batch.length} writes to ${name}`));
    }
  }

  /**
   * Waits while writes keep coming: a flush to the disk costs as much as ten of them, and under load each turn of the event
   * loop brings only a few.
   */
  function gather(): void {
    if (pending.length > gathered && turns < GATHER_TURNS) {
      gathered = pending.length;
      turns += 1;
      setImmediate(gather);
    } else {
      gathered = 0;
      turns = 0;
      flush();
    }
  }

  function takePending(): Write[] {
    const batch = pending;
    pending = [];
    busySlices = 0;
    return batch;
  }

  return {
    write<T>(change: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (closed) {
          reject(new HeadroomError('unavailable', `${name} is closed`));
          return;
        }
        let result: T;
        if (pending.length === 0) setImmediate(gather);
        pending.push({
          run: () => {
            result = change();
          },
          resolve: () => resolve(result),
          reject,
        });
      });
    },

    atomically<T>(change: () => T): T {
      savepoint.run();
      try {
        const result = change();
        release.run();
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK TO change; RELEASE change');
        throw error;
      }
    },

    close(): void {
      closed = true;
      while (pending.length > 0) flush();
    },
  };
}

/**
 * @returns the writes whose own change failed, or undefined
 * @throws what ended the whole transaction: SQLite rolls back by itself on a full disk and the like
 */
function runAll(database: DatabaseSync, batch: readonly Write[], name: string): Map<Write, HeadroomError> | undefined {
  let rejected: Map<Write, HeadroomError> | undefined;
  for (const write of batch) {
    try {
      write.run();
    } catch (error) {
      if (!database.isTransaction) throw error;
      rejected ??= new Map();
      rejected.set(write, sqliteFailure(error, `a write to ${name}`));
    }
  }
  return rejected;
}

function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}

function rejectAll(batch: readonly Write[], error: HeadroomError): void {
  for (const write of batch) write.reject(error);
}
