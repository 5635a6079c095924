import type { TableEntity, TableEntityResult } from '@azure/data-tables';
import type { RecordKey } from '../../model.ts';
import { MAX_RECORD_BYTES } from '../bounds.ts';
import { decodeTableKey, encodeTableKey } from './table-key.ts';

/** A record as an entity: the bytes of its JSON in `d0`, `d1`, …, and in `w` the name of the write that put it there. */
export type Row = Record<string, unknown>;

/** Of one property. @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model */
const PART_BYTES = 65_536;

const MAX_PARTS = MAX_RECORD_BYTES / PART_BYTES;

/** Bytes, not text: text would be counted in UTF-16, twice its size, and Azurite breaks long text that is not ASCII. */
export function rowOf(key: RecordKey, json: string, write: string): TableEntity<Row> {
  const row: TableEntity<Row> = {
    partitionKey: encodeTableKey(key.partition),
    rowKey: encodeTableKey(key.id),
    w: write,
  };
  const bytes = Buffer.from(json);
  for (let from = 0; from < bytes.length; from += PART_BYTES)
    row[`d${from / PART_BYTES}`] = bytes.subarray(from, from + PART_BYTES);
  return row;
}

export function jsonOf(row: TableEntityResult<Row>): string {
  const parts: Uint8Array[] = [];
  for (let index = 0; index < MAX_PARTS; index += 1) {
    const part = row[`d${index}`];
    if (part instanceof Uint8Array) parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

export function idOf(row: TableEntityResult<Row>): string {
  return decodeTableKey(row.rowKey ?? '');
}
