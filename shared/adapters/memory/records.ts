import type { RecordKey } from '../../model.ts';
import type { Records, Stored } from '../../ports.ts';
import { checkKey, checkKeyPart, checkLimit, DEFAULT_LIMIT, encodeRecord } from '../bounds.ts';

type Entry = { id: string; json: string; revision: string };

/** Records that end with the process. As in a real store, what is kept is JSON: callers share no object with it. */
export function createMemoryRecords(): Records {
  const partitions = new Map<string, Map<string, Entry>>();
  let revisions = 0;

  function find({ partition, id }: RecordKey): Entry | undefined {
    return partitions.get(partition)?.get(id);
  }

  function keep({ partition, id }: RecordKey, entry: Entry): void {
    const entries = partitions.get(partition) ?? new Map<string, Entry>();
    partitions.set(partition, entries.set(id, entry));
  }

  return {
    async get<T>(key: RecordKey): Promise<Stored<T> | null> {
      checkKey(key);
      const entry = find(key);
      return entry === undefined ? null : storedOf<T>(entry);
    },

    async put(key, value, expected) {
      const json = encodeRecord(key, value);
      if ((find(key)?.revision ?? 'absent') !== expected) return 'conflict';
      revisions += 1;
      const revision = String(revisions);
      keep(key, { id: key.id, json, revision });
      return revision;
    },

    async list<T>(partition: string, { after = '', limit = DEFAULT_LIMIT }: { after?: string; limit?: number } = {}) {
      checkKeyPart('partition', partition);
      checkLimit(limit);
      return [...(partitions.get(partition)?.values() ?? [])]
        .filter((entry) => compareCodePoints(entry.id, after) > 0)
        .sort((left, right) => compareCodePoints(left.id, right.id))
        .slice(0, limit)
        .map((entry) => storedOf<T>(entry));
    },

    async delete(key, expected) {
      checkKey(key);
      const entry = find(key);
      if (entry !== undefined && entry.revision !== expected) return 'conflict';
      partitions.get(key.partition)?.delete(key.id);
      return 'deleted';
    },
  };
}

function storedOf<T>({ id, json, revision }: Entry): Stored<T> {
  const value: T = JSON.parse(json);
  return { id, value, revision };
}

/** The order of UTF-8 bytes, which stores keep; JavaScript's own puts characters beyond U+FFFF before U+E000. */
function compareCodePoints(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
