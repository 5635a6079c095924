/** How long records stand in DynamoDB when nobody deletes them. */
import type { RecordKey } from '../../model.ts';

const DAY_SECONDS = 86_400;

/**
 * By the beginning of the partition, in days since the last write. What was received is deleted after 14 days by `watch`;
 * the table does it a day later where `watch` did not run. Incidents and what leads to them are kept 400 days.
 *
 * Nothing else ends by itself: `open` is one record a resource and family, `watch` a handful.
 */
const DAYS: readonly (readonly [prefix: string, days: number])[] = [
  ['inbox/', 15],
  ['sns/', 15],
  ['chat/', 15],
  ['alert/', 400],
  ['incident/', 400],
  ['storm/', 400],
  ['index/', 400],
  ['usage/', 400],
];

/** Kept for ever, though it stands among what is not. */
const AUDIT_PREFIX = 'audit~';

/** Epoch seconds after which the table may delete the record; null: never. */
export function expiresAtSeconds({ partition, id }: RecordKey, nowMs: number): number | null {
  if (id.startsWith(AUDIT_PREFIX)) return null;
  const days = DAYS.find(([prefix]) => partition.startsWith(prefix))?.[1];
  return days === undefined ? null : Math.ceil(nowMs / 1_000) + days * DAY_SECONDS;
}
