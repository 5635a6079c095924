import { join } from 'node:path';
import { openSqlite, type SqliteStore } from '../../../../shared/adapters/sqlite/open.ts';
import { type QueueSubject, queueContract } from '../../../contract/queue.ts';
import { type RecordsSubject, recordsContract } from '../../../contract/records.ts';
import { fakeClock } from '../../../kit.ts';
import { makeFolder, removeFolder } from '../folder.ts';

const MAX_ATTEMPTS = 3;

async function open(path: string, after = (): void => {}): Promise<RecordsSubject & QueueSubject> {
  const clock = fakeClock();
  const store: SqliteStore = await openSqlite({ path, clock, maxAttempts: MAX_ATTEMPTS });
  const { records, queue } = store;
  const close = async (): Promise<void> => {
    await store.close();
    after();
  };
  return { records, queue, maxAttempts: MAX_ATTEMPTS, advance: async (ms) => clock.advance(ms), close };
}

async function openFile(): Promise<RecordsSubject & QueueSubject> {
  const folder = makeFolder();
  return open(join(folder, 'headroom.sqlite'), () => removeFolder(folder));
}

recordsContract('SQLite in memory', () => open(':memory:'));
recordsContract('SQLite on disk', openFile, { modelRuns: 20 });

queueContract('SQLite in memory', () => open(':memory:'), { ordered: true });
queueContract('SQLite on disk', openFile, { ordered: true, modelRuns: 20 });
