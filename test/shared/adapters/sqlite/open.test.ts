import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../shared/adapters/sqlite/open.ts';
import { SCHEMA_VERSION } from '../../../../shared/adapters/sqlite/schema.ts';
import { fakeClock } from '../../../kit.ts';
import { folderForTest } from '../folder.ts';

const clock = fakeClock();
const key = { partition: 'open', id: 'a' };

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('a new file', () => {
  test('is made with its folders, for this user alone', async () => {
    const path = join(folderForTest(), 'home', 'state', 'headroom.sqlite');
    const store = await openSqlite({ path, clock });
    await store.records.put(key, { v: 1 }, 'absent');
    const modes = ['', '-wal', '-shm'].map((side) => statSync(path + side).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, '..', '..')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  test('keeps a write-ahead log', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    await (await openSqlite({ path, clock })).close();
    // The file format's write and read version: 2 is WAL. @see https://www.sqlite.org/fileformat.html
    expect([...readFileSync(path).subarray(18, 20)]).toEqual([2, 2]);
  });

  test('can be opened by many at once, whose revisions never meet', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    const stores = await Promise.all(Array.from({ length: 8 }, () => openSqlite({ path, clock })));
    const revisions = await Promise.all(
      stores.map((store, n) => store.records.put({ partition: 'p', id: `n${n}` }, { v: 1 }, 'absent')),
    );
    expect(new Set(revisions).size).toBe(8);
    for (const store of stores) await store.close();
  });
});

describe('an existing file', () => {
  test('holds records, messages and dead letters when it is opened again', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    const before = await openSqlite({ path, clock });
    const revision = await before.records.put(key, { v: 1 }, 'absent');
    await before.queue.send({ v: 1, incidentId: 'buried' });
    const [delivery] = await before.queue.receive({ max: 1, visibilityMs: 1_000 });
    await delivery?.bury('unreadable');
    await before.queue.send({ v: 1, incidentId: 'waiting' });
    await before.close();

    const after = await openSqlite({ path, clock });
    expect(await after.records.get(key)).toEqual({ id: 'a', revision, value: { v: 1 } });
    expect(await after.queue.depth()).toEqual({ waiting: 1, dead: 1 });
    expect((await after.queue.dead(1))[0]).toMatchObject({ reason: 'unreadable', message: { incidentId: 'buried' } });
    await after.close();
  });

  test('never gives a revision a second time, also after records are gone', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    const seen = new Set<string>();
    for (let opened = 0; opened < 3; opened += 1) {
      const store = await openSqlite({ path, clock });
      const revision = await store.records.put(key, { v: 1 }, 'absent');
      seen.add(revision);
      await store.records.delete(key, revision);
      await store.close();
    }
    expect(seen.size).toBe(3);
    expect(seen).not.toContain('conflict');
  });

  test('of a newer version is refused and left as it is', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    await (await openSqlite({ path, clock })).close();
    change(path, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const before = readFileSync(path);
    await expect(openSqlite({ path, clock })).rejects.toMatchObject({
      kind: 'newer-version',
      message: expect.stringContaining(path),
      nextStep: expect.stringContaining('newer Headroom'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('of another program is refused and left as it is', async () => {
    const path = join(folderForTest(), 'other.sqlite');
    change(path, 'CREATE TABLE theirs (x)');
    const before = readFileSync(path);
    await expect(openSqlite({ path, clock })).rejects.toMatchObject({ kind: 'configuration' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('that is no database is refused and left as it is', async () => {
    const path = join(folderForTest(), 'notes.txt');
    writeFileSync(path, 'not a database, but long enough to be looked at as one '.repeat(40));
    await expect(openSqlite({ path, clock })).rejects.toMatchObject({ kind: 'configuration' });
    expect(readFileSync(path, 'utf8')).toMatch(/^not a database/);
  });

  test('that is a folder is refused', async () => {
    const path = join(folderForTest(), 'folder');
    mkdirSync(path);
    await expect(openSqlite({ path, clock })).rejects.toMatchObject({ kind: 'configuration' });
  });
});

describe('a closed store', () => {
  test('has committed what was pending', async () => {
    const path = join(folderForTest(), 'headroom.sqlite');
    const store = await openSqlite({ path, clock });
    const writing = store.records.put(key, { v: 1 }, 'absent');
    await store.close();
    const revision = await writing;
    const again = await openSqlite({ path, clock });
    expect((await again.records.get(key))?.revision).toBe(revision);
    await again.close();
  });

  test('rejects what comes later, and closes twice', async () => {
    const store = await openSqlite({ path: ':memory:', clock });
    await store.close();
    await store.close();
    await expect(store.records.put(key, {}, 'absent')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.records.get(key)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.records.list('open')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.queue.send({ v: 1, incidentId: 'a' })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.queue.receive({ max: 1, visibilityMs: 1 })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.queue.depth()).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
