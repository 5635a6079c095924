import type { DatabaseSync } from 'node:sqlite';
import { HeadroomError } from '../../errors.ts';

/**
 * One step a version of the file; steps are added, never changed.
 *
 * Records keep their row id: with the key as the primary b-tree, keys that do not grow with time rewrite three times as
 * many pages a commit.
 */
const MIGRATIONS = [
  `CREATE TABLE store (opened INTEGER NOT NULL) STRICT;
   INSERT INTO store VALUES (0);
   CREATE TABLE records (
     partition TEXT NOT NULL, id TEXT NOT NULL, revision TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (partition, id)
   ) STRICT;
   CREATE TABLE messages (
     sequence INTEGER PRIMARY KEY, visible_at_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, receipt TEXT, body TEXT NOT NULL
   ) STRICT;
   CREATE INDEX messages_by_visibility ON messages (visible_at_ms);
   CREATE TABLE dead_letters (
     sequence INTEGER PRIMARY KEY AUTOINCREMENT, died_at_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL
   ) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings an empty or older file up to date, in one transaction.
 *
 * @returns how often the file has been opened: a number that no other process has had
 * @throws HeadroomError `newer-version`; `configuration` when the file belongs to another program
 */
export function prepareSchema(database: DatabaseSync, name: string): number {
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(database);
    if (version > SCHEMA_VERSION) throw writtenByNewer(name, version);
    if (version === 0 && hasTables(database)) throw notOurs(name);
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    const row = database.prepare('UPDATE store SET opened = opened + 1 RETURNING opened').get();
    database.exec('COMMIT');
    return Number(row?.['opened']);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

function writtenByNewer(name: string, version: number): HeadroomError {
  const message = `${name} was written by a newer Headroom: its layout is ${version}, this one knows ${SCHEMA_VERSION}`;
  return new HeadroomError('newer-version', message, {
    nextStep: 'run the newer Headroom, or set HEADROOM_HOME to another folder',
  });
}

function notOurs(name: string): HeadroomError {
  return new HeadroomError('configuration', `${name} is a database of another program`, {
    nextStep: 'set HEADROOM_HOME to a folder of its own',
  });
}
