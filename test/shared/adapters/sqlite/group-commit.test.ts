import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGroupCommit, type GroupCommit } from '../../../../shared/adapters/sqlite/group-commit.ts';
import { openSqlite, type SqliteStore } from '../../../../shared/adapters/sqlite/open.ts';
import { fakeClock } from '../../../kit.ts';
import { folderForTest } from '../folder.ts';

const clock = fakeClock();

/** A store, and a second connection through which a test looks at the file and plants faults in it. */
async function openBoth(): Promise<{ store: SqliteStore; other: DatabaseSync; path: string }> {
  const path = join(folderForTest(), 'headroom.sqlite');
  const store = await openSqlite({ path, clock });
  const other = new DatabaseSync(path);
  onTestFinished(async () => {
    other.close();
    await store.close();
  });
  return { store, other, path };
}

function put(store: SqliteStore, id: string): Promise<string> {
  return store.records.put({ partition: 'p', id }, { v: 1 }, 'absent');
}

function idsIn(database: DatabaseSync): string[] {
  return database
    .prepare('SELECT id FROM records ORDER BY id')
    .all()
    .map((row) => String(row['id']));
}

describe('writes of one turn', () => {
  test('share a commit: once one is answered, another process sees all of them', async () => {
    const { store, other } = await openBoth();
    const ids = Array.from({ length: 50 }, (_, n) => `n${String(n).padStart(2, '0')}`);
    const writing = [...ids.map((id) => put(store, id)), store.queue.send({ v: 1, incidentId: 'a' })];
    expect(idsIn(other)).toEqual([]);
    await Promise.race(writing);
    expect(idsIn(other)).toEqual(ids);
    expect(other.prepare('SELECT count(*) AS n FROM messages').get()).toEqual({ n: 1 });
    await Promise.all(writing);
  });

  test('hold no lock before they are committed', async () => {
    const { store, other } = await openBoth();
    const writing = put(store, 'a');
    other.exec("BEGIN IMMEDIATE; INSERT INTO records VALUES ('p', 'b', '1', '{}'); COMMIT");
    await writing;
    expect(idsIn(other)).toEqual(['a', 'b']);
  });

  test('are not seen by a read before they are durable', async () => {
    const { store } = await openBoth();
    const writing = put(store, 'a');
    expect(await store.records.get({ partition: 'p', id: 'a' })).toBeNull();
    await writing;
    expect((await store.records.get({ partition: 'p', id: 'a' }))?.value).toEqual({ v: 1 });
  });
});

describe('a fault', () => {
  /** SQLite refuses the id `bad` in the given way. */
  function refuseBad(other: DatabaseSync, how: 'ABORT' | 'ROLLBACK'): void {
    other.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON records WHEN new.id = 'bad' BEGIN SELECT RAISE(${how}, 'planted'); END`,
    );
  }

  test('in one statement fails that write alone', async () => {
    const { store, other } = await openBoth();
    refuseBad(other, 'ABORT');
    const settled = await Promise.allSettled(['a', 'bad', 'c'].map((id) => put(store, id)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { name: 'HeadroomError', kind: 'unavailable' } });
    expect(idsIn(other)).toEqual(['a', 'c']);
  });

  test('that ends the transaction fails every write of it, none is kept, and the store works on', async () => {
    const { store, other } = await openBoth();
    refuseBad(other, 'ROLLBACK');
    const settled = await Promise.allSettled(['a', 'bad', 'c'].map((id) => put(store, id)));
    for (const each of settled) expect(each).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    expect(idsIn(other)).toEqual([]);
    await put(store, 'd');
    expect(idsIn(other)).toEqual(['d']);
  });

  test('of the commit fails every write of it, none is kept, and the store works on', async () => {
    const { store, other } = await openBoth();
    other.exec(`
      CREATE TABLE parents (id TEXT PRIMARY KEY);
      CREATE TABLE children (id TEXT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER orphan AFTER INSERT ON records WHEN new.id = 'bad' BEGIN INSERT INTO children VALUES ('x'); END`);
    const settled = await Promise.allSettled(['a', 'bad', 'c'].map((id) => put(store, id)));
    for (const each of settled)
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { kind: 'unavailable', cause: expect.any(Error), nextStep: expect.any(String) },
      });
    expect(idsIn(other)).toEqual([]);
    await put(store, 'd');
    expect(idsIn(other)).toEqual(['d']);
  });

  test('in the middle of a change of several statements undoes the first of them', async () => {
    const { store, other } = await openBoth();
    await store.queue.send({ v: 1, incidentId: 'a' });
    const [delivery] = await store.queue.receive({ max: 1, visibilityMs: 1_000 });
    other.exec(`CREATE TRIGGER keep BEFORE DELETE ON messages BEGIN SELECT RAISE(ABORT, 'planted'); END`);
    const settled = await Promise.allSettled([put(store, 'a'), delivery?.bury('x'), put(store, 'c')]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.queue.depth()).toEqual({ waiting: 1, dead: 0 });
  });
});

describe('while another process holds the lock', () => {
  /** Asks 20 times for 1 ms each instead of 250. */
  function openImpatient(path: string): { database: DatabaseSync; commits: GroupCommit } {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA busy_timeout = 1');
    onTestFinished(() => database.close());
    return { database, commits: createGroupCommit(database, path) };
  }

  test('writes wait for it, and those that come meanwhile join them', async () => {
    const { other, path } = await openBoth();
    const { database, commits } = openImpatient(path);
    const insert = database.prepare("INSERT INTO records VALUES ('p', ?, '1', '{}')");
    other.exec('BEGIN IMMEDIATE');
    const first = commits.write(() => insert.run('a'));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const second = commits.write(() => insert.run('b'));
    other.exec('COMMIT');
    await Promise.all([first, second]);
    expect(idsIn(other)).toEqual(['a', 'b']);
  });

  test('reads go on', async () => {
    const { store, other } = await openBoth();
    await put(store, 'a');
    other.exec('BEGIN IMMEDIATE');
    expect((await store.records.get({ partition: 'p', id: 'a' }))?.value).toEqual({ v: 1 });
    expect(await store.queue.receive({ max: 1, visibilityMs: 1_000 })).toEqual([]);
    other.exec('ROLLBACK');
  });

  test('for too long, writes are rejected with the next step, and later ones succeed', async () => {
    const { other, path } = await openBoth();
    const { database, commits } = openImpatient(path);
    const insert = database.prepare("INSERT INTO records VALUES ('p', ?, '1', '{}')");
    other.exec('BEGIN IMMEDIATE');
    const settled = await Promise.allSettled([
      commits.write(() => insert.run('a')),
      commits.write(() => insert.run('b')),
    ]);
    for (const each of settled)
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { kind: 'unavailable', nextStep: expect.stringContaining('other process') },
      });
    other.exec('COMMIT');
    await commits.write(() => insert.run('c'));
    expect(idsIn(other)).toEqual(['c']);
  });
});

test('two stores on one file hand each message to one of them', async () => {
  const path = join(folderForTest(), 'headroom.sqlite');
  const stores = [await openSqlite({ path, clock }), await openSqlite({ path, clock })];
  const [first] = stores;
  await Promise.all(Array.from({ length: 40 }, (_, n) => first?.queue.send({ v: 1, incidentId: `n${n}` })));
  const got = await Promise.all(
    [...stores, ...stores, ...stores].map((store) => store.queue.receive({ max: 10, visibilityMs: 60_000 })),
  );
  const ids = got.flat().map((delivery) => delivery.message.incidentId);
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(40);
  for (const store of stores) await store.close();
});
