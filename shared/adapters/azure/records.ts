import { odata, type TableClient, type TableEntityResult } from '@azure/data-tables';
import type { RecordKey } from '../../model.ts';
import type { Records, Revision, Stored } from '../../ports.ts';
import { checkKey, checkKeyPart, checkLimit, DEFAULT_LIMIT, encodeRecord } from '../bounds.ts';
import type { AzureCall } from './calls.ts';
import { codeOf, statusOf } from './failure.ts';
import { encodeTableKey } from './table-key.ts';
import { idOf, jsonOf, type Row, rowOf } from './table-row.ts';

type Options = {
  table: TableClient;
  call: AzureCall;
  /** A name that no other write has. */
  nextWrite: () => string;
};

/** Only what the service gave as a revision is sent to it: `*` would match anything. */
const ETAG = /^W\/"[^"]+"$/;

/**
 * Records as entities of one table, a partition of the port as a partition of the table; the revision is the ETag. The table
 * is made when the first write finds none.
 *
 * Each write carries a name of its own. When the answer to a write is lost and its repeat meets a conflict, the name tells
 * whether that is the write's own trace: then it is reported as done.
 */
export function createTableRecords({ table, call, nextWrite }: Options): Records {
  const read = (key: RecordKey, abortSignal: AbortSignal): Promise<TableEntityResult<Row> | null> =>
    unlessMissing(table.getEntity<Row>(encodeTableKey(key.partition), encodeTableKey(key.id), { abortSignal }));

  async function write(
    key: RecordKey,
    json: string,
    expected: Revision | 'absent',
    { name, nth, abortSignal }: { name: string; nth: number; abortSignal: AbortSignal },
  ): Promise<Revision | 'conflict'> {
    const row = rowOf(key, json, name);
    try {
      const { etag } =
        expected === 'absent'
          ? await creatingTable(() => table.createEntity(row, { abortSignal }), abortSignal)
          : await table.updateEntity(row, 'Replace', { etag: expected, abortSignal });
      return etag ?? revisionOf(await read(key, abortSignal));
    } catch (error) {
      if (!isConflict(error, expected)) throw error;
      const standing = nth > 1 ? await read(key, abortSignal) : null;
      return standing?.['w'] === name ? revisionOf(standing) : 'conflict';
    }
  }

  async function creatingTable<T>(create: () => Promise<T>, abortSignal: AbortSignal): Promise<T> {
    try {
      return await create();
    } catch (error) {
      if (codeOf(error) !== 'TableNotFound') throw error;
      await table.createTable({ abortSignal });
      return create();
    }
  }

  return {
    async get<T>(key: RecordKey): Promise<Stored<T> | null> {
      checkKey(key);
      const row = await call(`reading record ${key.partition} ${key.id}`, (signal) => read(key, signal));
      return row === null ? null : storedOf<T>(row);
    },

    async put(key, value, expected) {
      const json = encodeRecord(key, value);
      if (expected !== 'absent' && !ETAG.test(expected)) return 'conflict';
      const name = nextWrite();
      return call(`writing record ${key.partition} ${key.id}`, (abortSignal, nth) =>
        write(key, json, expected, { name, nth, abortSignal }),
      );
    },

    async list<T>(partition: string, { after = '', limit = DEFAULT_LIMIT }: { after?: string; limit?: number } = {}) {
      checkKeyPart('partition', partition);
      checkLimit(limit);
      const key = encodeTableKey(partition);
      const filter =
        after === ''
          ? odata`PartitionKey eq ${key}`
          : odata`PartitionKey eq ${key} and RowKey gt ${encodeTableKey(after)}`;
      return call(`listing records of ${partition}`, async (abortSignal) => {
        const rows: TableEntityResult<Row>[] = [];
        const pages = table.listEntities<Row>({ queryOptions: { filter }, abortSignal }).byPage({ maxPageSize: limit });
        try {
          // A page may be short, and is empty where the service has looked long enough: only the end is the end.
          for await (const page of pages) if (rows.push(...page) >= limit) break;
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
        }
        return rows.slice(0, limit).map((row) => storedOf<T>(row));
      });
    },

    async delete(key, expected) {
      checkKey(key);
      return call(`deleting record ${key.partition} ${key.id}`, async (abortSignal) => {
        if (!ETAG.test(expected)) return (await read(key, abortSignal)) === null ? 'deleted' : 'conflict';
        try {
          await table.deleteEntity(encodeTableKey(key.partition), encodeTableKey(key.id), {
            etag: expected,
            abortSignal,
          });
          return 'deleted';
        } catch (error) {
          if (statusOf(error) === 404) return 'deleted';
          if (statusOf(error) === 412) return 'conflict';
          throw error;
        }
      });
    },
  };
}

/** Created by another; or replaced by another, or gone. */
function isConflict(error: unknown, expected: Revision | 'absent'): boolean {
  const status = statusOf(error);
  if (expected === 'absent') return status === 409 && codeOf(error) === 'EntityAlreadyExists';
  return status === 412 || status === 404;
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function storedOf<T>(row: TableEntityResult<Row>): Stored<T> {
  const value: T = JSON.parse(jsonOf(row));
  return { id: idOf(row), value, revision: row.etag };
}

function revisionOf(row: TableEntityResult<Row> | null): Revision | 'conflict' {
  return row?.etag ?? 'conflict';
}
