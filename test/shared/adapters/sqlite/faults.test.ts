import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { createGroupCommit } from '../../../../shared/adapters/sqlite/group-commit.ts';
import { createRecords } from '../../../../shared/adapters/sqlite/records.ts';
import { prepareSchema } from '../../../../shared/adapters/sqlite/schema.ts';
import type { Records } from '../../../../shared/ports.ts';
import { folderForTest } from '../folder.ts';

const KEY = { partition: 'p', id: 'a' };
/** More than fits into what is free in a new file. */
const LARGE = { text: 'x'.repeat(100_000) };

/** Records on a connection of the test's own, whose limits it can set. */
function openRecords(): { records: Records; database: DatabaseSync } {
  const database = new DatabaseSync(join(folderForTest(), 'headroom.sqlite'));
  onTestFinished(() => database.close());
  prepareSchema(database, 'the file');
  let count = 0;
  const nextToken = (): string => {
    count += 1;
    return `t${count}`;
  };
  const records = createRecords(database, createGroupCommit(database, 'the file'), { name: 'the file', nextToken });
  return { records, database };
}

function fill(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA page_count').get();
  database.exec(`PRAGMA max_page_count = ${Number(row?.['page_count'])}`);
}

test.each([
  {
    what: 'a disk without space',
    plant: fill,
    mend: (database: DatabaseSync) => database.exec('PRAGMA max_page_count = 1000000'),
    kind: 'unavailable',
    nextStep: 'free space on the disk',
  },
  {
    what: 'a file that may not be written',
    plant: (database: DatabaseSync) => database.exec('PRAGMA query_only = 1'),
    mend: (database: DatabaseSync) => database.exec('PRAGMA query_only = 0'),
    kind: 'denied',
    nextStep: 'let this user write the file',
  },
])(
  '$what refuses writes by kind, keeps what stood, lets reads through, and takes writes once mended',
  async (fault) => {
    const { records, database } = openRecords();
    const revision = await records.put(KEY, { n: 1 }, 'absent');
    fault.plant(database);
    const refused = { name: 'HeadroomError', kind: fault.kind, nextStep: expect.stringContaining(fault.nextStep) };
    await expect(records.put(KEY, LARGE, revision)).rejects.toMatchObject(refused);
    await expect(records.put({ ...KEY, id: 'b' }, LARGE, 'absent')).rejects.toMatchObject(refused);
    expect(await records.get(KEY)).toMatchObject({ revision, value: { n: 1 } });
    expect(await records.get({ ...KEY, id: 'b' })).toBeNull();
    fault.mend(database);
    expect(await records.put(KEY, LARGE, revision)).not.toBe('conflict');
    expect(await records.get(KEY)).toMatchObject({ value: LARGE });
  },
);
