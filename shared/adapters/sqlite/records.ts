import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Records, Stored } from '../../ports.ts';
import { checkKey, checkKeyPart, checkLimit, DEFAULT_LIMIT, encodeRecord } from '../bounds.ts';
import { sqliteFailure } from './failure.ts';
import type { GroupCommit } from './group-commit.ts';

/** Reads see what is committed and wait for nothing; writes share the transaction of their turn. */
export function createRecords(
  database: DatabaseSync,
  commits: GroupCommit,
  options: { name: string; nextToken: () => string },
): Records {
  const { name, nextToken } = options;
  const select = database.prepare('SELECT id, revision, value FROM records WHERE partition = ? AND id = ?');
  const page = database.prepare(
    'SELECT id, revision, value FROM records WHERE partition = ? AND id > ? ORDER BY id LIMIT ?',
  );
  const insert = database.prepare(
    'INSERT INTO records (partition, id, revision, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const update = database.prepare(
    'UPDATE records SET revision = ?, value = ? WHERE partition = ? AND id = ? AND revision = ?',
  );
  const remove = database.prepare('DELETE FROM records WHERE partition = ? AND id = ? AND revision = ?');

  return {
    async get<T>(key: { partition: string; id: string }): Promise<Stored<T> | null> {
      checkKey(key);
      try {
        const row = select.get(key.partition, key.id);
        return row === undefined ? null : storedOf<T>(row);
      } catch (error) {
        throw sqliteFailure(error, `reading a record from ${name}`);
      }
    },

    async put(key, value, expected) {
      const json = encodeRecord(key, value);
      const { partition, id } = key;
      const revision = nextToken();
      return commits.write(() => {
        const { changes } =
          expected === 'absent'
            ? insert.run(partition, id, revision, json)
            : update.run(revision, json, partition, id, expected);
        return changes > 0 ? revision : 'conflict';
      });
    },

    async list<T>(partition: string, { after = '', limit = DEFAULT_LIMIT }: { after?: string; limit?: number } = {}) {
      checkKeyPart('partition', partition);
      checkLimit(limit);
      try {
        return page.all(partition, after, limit).map((row) => storedOf<T>(row));
      } catch (error) {
        throw sqliteFailure(error, `listing records of ${name}`);
      }
    },

    async delete(key, expected) {
      checkKey(key);
      const { partition, id } = key;
      return commits.write(() => {
        if (remove.run(partition, id, expected).changes > 0) return 'deleted';
        return select.get(partition, id) === undefined ? 'deleted' : 'conflict';
      });
    },
  };
}

function storedOf<T>(row: Record<string, SQLOutputValue>): Stored<T> {
  const value: T = JSON.parse(String(row['value']));
  return { id: String(row['id']), value, revision: String(row['revision']) };
}
