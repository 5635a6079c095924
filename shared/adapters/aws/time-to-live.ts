/** How long records stand in DynamoDB when nobody deletes them. */
import type { RecordKey } from '../../model.ts';

const DAY_SECONDS = 86_400;

/**
 * By the beginning of the partition, in days since the last write. What was received is deleted after 14 days by `watch`,
 * incidents and what leads to them after 400; the table does it a day and a month later, where `watch` did not run. It must not
 * come first: `watch` keeps the list of those that are still heard of, and what was done about them, when it lets go of the rest.
 *
 * Nothing else ends by itself: `open` is one record a resource and family, `watch` a handful.
 */
const DAYS: readonly (readonly [prefix: string, days: number])[] = [
  ['inbox/', 15],
  ['sns/', 15],
  ['chat/', 15],
  ['alert/', 430],
  ['incident/', 430],
  ['storm/', 430],
  ['index/', 430],
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
