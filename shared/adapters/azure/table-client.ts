import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import * as z from 'zod/mini';
import type { TokenCredential } from '../../secrets/token.ts';
import { codeOf } from './failure.ts';
import { openStorage, STORAGE_SCOPE, type StorageRequest } from './storage-calls.ts';

/** Where an entity stands; each half as the service takes it, `encodeTableKey`. */
export type EntityKey = { partition: string; row: string };

/** An entity to be written: properties as OData's JSON has them, binary ones in base64 beside their type. */
export type Entity = EntityKey & { properties: Readonly<Record<string, string>> };

/** An entity as it stands there. */
export type StoredEntity = { row: string; etag: string; properties: Readonly<Record<string, unknown>> };

/** Where a list goes on; opaque. */
export type Continuation = Readonly<Record<string, string>>;

export type EntityPage = { entities: StoredEntity[]; next: Continuation | null };

/** The six operations of Table storage that Headroom needs, each one request: no retries, errors are `RestError`s. */
export type TableClient = {
  /** Makes the table; one that is there already is no error. */
  create(signal: AbortSignal): Promise<void>;
  get(key: EntityKey, signal: AbortSignal): Promise<StoredEntity>;
  /** @returns the ETag, where the service says it */
  insert(entity: Entity, signal: AbortSignal): Promise<string | undefined>;
  /** Replaces what has this ETag. @returns the new one, where the service says it */
  replace(entity: Entity, etag: string, signal: AbortSignal): Promise<string | undefined>;
  remove(key: EntityKey, etag: string, signal: AbortSignal): Promise<void>;
  /**
   * One page of a partition, in the order of keys; it may be short or empty where there is more.
   *
   * @param range.after a key of a row, or '' for the beginning
   * @param range.max 1..1000
   */
  list(
    range: { partition: string; after: string; max: number; from: Continuation | null },
    signal: AbortSignal,
  ): Promise<EntityPage>;
};

/** @see https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
const VERSION = '2019-02-02';

/** The same protocol on Cosmos DB, in any cloud, has tokens of its own. */
const COSMOS_HOST = /\.table\.cosmos(?:db)?\./;
const COSMOS_SCOPE = 'https://cosmos.azure.com/.default';

/** Types of binary properties are told, metadata beyond that is not. */
const HEADERS = {
  'x-ms-version': VERSION,
  dataserviceversion: '3.0',
  accept: 'application/json;odata=minimalmetadata',
};
const WRITING = { ...HEADERS, 'content-type': 'application/json', prefer: 'return-no-content' };

const ENTITY = z.looseObject({ RowKey: z.string(), 'odata.etag': z.string() });
const PAGE = z.object({ value: z.array(ENTITY) });
const REFUSAL = z.object({ 'odata.error': z.object({ code: z.string() }) });

/** Headers of a page that has a next one, by the parameters that ask for that. */
const CONTINUATION = {
  NextPartitionKey: 'x-ms-continuation-nextpartitionkey',
  NextRowKey: 'x-ms-continuation-nextrowkey',
};

/**
 * Table storage as its protocol is: Microsoft's own client of tables is 150 KiB, most of it for XML and for models of what is
 * not asked here, and an alert waits for that.
 *
 * @param account `https://account.table.core.windows.net`
 * @see https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 */
export function openTableClient(
  account: string,
  name: string,
  credential: TokenCredential,
  options: { httpClient?: HttpClient } = {},
): TableClient {
  const scope = COSMOS_HOST.test(new URL(account).hostname) ? COSMOS_SCOPE : STORAGE_SCOPE;
  const call = openStorage({ credential, scope, codeOf: codeIn, ...options });
  const table = `${account}/${name}`;
  const addressOf = (key: EntityKey): string =>
    `${table}(PartitionKey=${encodeURIComponent(quote(key.partition))},RowKey=${encodeURIComponent(quote(key.row))})`;

  async function write(
    request: Pick<StorageRequest, 'method' | 'address'> & { headers?: Record<string, string> },
    { partition, row, properties }: Entity,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const body = JSON.stringify({ PartitionKey: partition, RowKey: row, ...properties });
    const { headers } = await call({ ...request, headers: { ...WRITING, ...request.headers }, body }, signal);
    return headers.get('etag');
  }

  return {
    async create(signal) {
      const body = JSON.stringify({ TableName: name });
      try {
        await call({ method: 'POST', address: `${account}/Tables`, headers: WRITING, body }, signal);
      } catch (error) {
        if (codeOf(error) !== 'TableAlreadyExists') throw error;
      }
    },
    async get(key, signal) {
      const answer = await call({ method: 'GET', address: addressOf(key), headers: HEADERS }, signal);
      return entityFrom(ENTITY.parse(jsonIn(answer)));
    },
    insert: (entity, signal) => write({ method: 'POST', address: table }, entity, signal),
    replace: (entity, etag, signal) =>
      write({ method: 'PUT', address: addressOf(entity), headers: { 'if-match': etag } }, entity, signal),
    async remove(key, etag, signal) {
      const headers = { ...HEADERS, 'if-match': etag };
      await call({ method: 'DELETE', address: addressOf(key), headers }, signal);
    },
    async list({ partition, after, max, from }, signal) {
      const beyond = after === '' ? '' : ` and RowKey gt ${quote(after)}`;
      const query = { $filter: `PartitionKey eq ${quote(partition)}${beyond}`, $top: max, ...from };
      const answer = await call({ method: 'GET', address: `${table}()`, query, headers: HEADERS }, signal);
      return { entities: PAGE.parse(jsonIn(answer)).value.map(entityFrom), next: continuationOf(answer) };
    },
  };
}

/** A string of OData. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function entityFrom({ RowKey: row, 'odata.etag': etag, ...properties }: z.infer<typeof ENTITY>): StoredEntity {
  return { row, etag, properties };
}

function continuationOf({ headers }: PipelineResponse): Continuation | null {
  const next = Object.entries(CONTINUATION).flatMap(([parameter, header]) => {
    const value = headers.get(header);
    return value === undefined ? [] : [[parameter, value] as const];
  });
  return next.length === 0 ? null : Object.fromEntries(next);
}

function jsonIn({ bodyAsText }: PipelineResponse): unknown {
  return JSON.parse(bodyAsText ?? '');
}

/** Tables say it in the body, and not always in a header; what stands before them may answer anything. */
function codeIn(answer: PipelineResponse): string | undefined {
  const header = answer.headers.get('x-ms-error-code');
  if (header !== undefined) return header;
  try {
    const refusal = REFUSAL.safeParse(jsonIn(answer));
    return refusal.success ? refusal.data['odata.error'].code : undefined;
  } catch {
    return undefined;
  }
}
