import type { RecordKey } from '../../model.ts';
import { MAX_RECORD_BYTES } from '../bounds.ts';
import type { Entity, EntityKey, StoredEntity } from './table-client.ts';
import { decodeTableKey, encodeTableKey } from './table-key.ts';

/** Of one property. @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model */
const PART_BYTES = 65_536;

const MAX_PARTS = MAX_RECORD_BYTES / PART_BYTES;

export function entityKeyOf({ partition, id }: RecordKey): EntityKey {
  return { partition: encodeTableKey(partition), row: encodeTableKey(id) };
}

/**
 * A record as an entity: the bytes of its JSON in `d0`, `d1`, …, and in `w` the name of the write that put it there.
 *
 * Bytes, not text: text would be counted in UTF-16, twice its size, and Azurite breaks long text that is not ASCII.
 */
export function entityOf(key: RecordKey, json: string, write: string): Entity {
  const properties: Record<string, string> = { w: write };
  const bytes = Buffer.from(json);
  for (let from = 0; from < bytes.length; from += PART_BYTES) {
    const name = `d${from / PART_BYTES}`;
    properties[name] = bytes.toString('base64', from, from + PART_BYTES);
    properties[`${name}@odata.type`] = 'Edm.Binary';
  }
  return { ...entityKeyOf(key), properties };
}

export function jsonOf({ properties }: StoredEntity): string {
  const parts: Buffer[] = [];
  for (let index = 0; index < MAX_PARTS; index += 1) {
    const part = properties[`d${index}`];
    if (typeof part === 'string') parts.push(Buffer.from(part, 'base64'));
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The name of the write that put it there. */
export function writeOf({ properties }: StoredEntity): unknown {
  return properties['w'];
}

export function idOf({ row }: StoredEntity): string {
  return decodeTableKey(row);
}
