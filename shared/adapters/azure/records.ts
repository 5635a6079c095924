import type { RecordKey } from '../../model.ts';
import type { Records, Revision, Stored } from '../../ports.ts';
import { checkKey, checkKeyPart, checkLimit, DEFAULT_LIMIT, encodeRecord } from '../bounds.ts';
import type { AzureCall } from './calls.ts';
import { codeOf, statusOf } from './failure.ts';
import type { Continuation, EntityPage, StoredEntity, TableClient } from './table-client.ts';
import { encodeTableKey } from './table-key.ts';
import { entityKeyOf, entityOf, idOf, jsonOf, writeOf } from './table-row.ts';

/** What an identity needs on the account, the table being there. */
export const permissions = {
  data: [
    'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read',
    'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action',
    'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action',
    'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete',
  ],
} as const;

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
  const read = (key: RecordKey, signal: AbortSignal): Promise<StoredEntity | null> =>
    unlessMissing(table.get(entityKeyOf(key), signal));

  async function write(
    key: RecordKey,
    json: string,
    expected: Revision | 'absent',
    { name, nth, signal }: { name: string; nth: number; signal: AbortSignal },
  ): Promise<Revision | 'conflict'> {
    const entity = entityOf(key, json, name);
    try {
      const etag =
        expected === 'absent'
          ? await creatingTable(() => table.insert(entity, signal), signal)
          : await table.replace(entity, expected, signal);
      return etag ?? revisionOf(await read(key, signal));
    } catch (error) {
      if (!isConflict(error, expected)) throw error;
      const standing = nth > 1 ? await read(key, signal) : null;
      return standing !== null && writeOf(standing) === name ? standing.etag : 'conflict';
    }
  }

  async function creatingTable<T>(create: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await create();
    } catch (error) {
      if (codeOf(error) !== 'TableNotFound') throw error;
      await table.create(signal);
      return create();
    }
  }

  return {
    async get<T>(key: RecordKey): Promise<Stored<T> | null> {
      checkKey(key);
      const entity = await call(`reading record ${key.partition} ${key.id}`, (signal) => read(key, signal));
      return entity === null ? null : storedOf<T>(entity);
    },

    async put(key, value, expected) {
      const json = encodeRecord(key, value);
      if (expected !== 'absent' && !ETAG.test(expected)) return 'conflict';
      const name = nextWrite();
      return call(`writing record ${key.partition} ${key.id}`, (signal, nth) =>
        write(key, json, expected, { name, nth, signal }),
      );
    },

    async list<T>(partition: string, { after = '', limit = DEFAULT_LIMIT }: { after?: string; limit?: number } = {}) {
      checkKeyPart('partition', partition);
      checkLimit(limit);
      const range = {
        partition: encodeTableKey(partition),
        after: after === '' ? '' : encodeTableKey(after),
        max: limit,
      };
      return call(`listing records of ${partition}`, async (signal) => {
        const found: StoredEntity[] = [];
        let from: Continuation | null = null;
        // A page may be short, and is empty where the service has looked long enough: only the end is the end.
        do {
          const page: EntityPage | null = await unlessMissing(table.list({ ...range, from }, signal));
          found.push(...(page?.entities ?? []));
          from = page?.next ?? null;
        } while (from !== null && found.length < limit);
        return found.slice(0, limit).map((entity) => storedOf<T>(entity));
      });
    },

    async delete(key, expected) {
      checkKey(key);
      return call(`deleting record ${key.partition} ${key.id}`, async (signal) => {
        if (!ETAG.test(expected)) return (await read(key, signal)) === null ? 'deleted' : 'conflict';
        try {
          await table.remove(entityKeyOf(key), expected, signal);
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

function storedOf<T>(entity: StoredEntity): Stored<T> {
  const value: T = JSON.parse(jsonOf(entity));
  return { id: idOf(entity), value, revision: entity.etag };
}

function revisionOf(entity: StoredEntity | null): Revision | 'conflict' {
  return entity?.etag ?? 'conflict';
}
