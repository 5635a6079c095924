import type { LoadRow } from '../../evidence/load.ts';
import { type Change, isOf, type Whose } from './change.ts';
import { total } from './fleet.ts';

export type CacheSeconds = 60 | 300 | 1800 | 3600;

/** A cache that saves less than this leaves the load as it is: each read was a first one. */
const SAVES_SHARE = 0.1;

/** Each instance of the caller keeps what it read for `seconds`. */
export function keepFor(whose: Whose, seconds: CacheSeconds): Change {
  return (fleet) => {
    const done = new Set<LoadRow>();
    return {
      ...fleet,
      members: fleet.members.flatMap((member) => {
        if (!isOf(member, whose)) return [member];
        const { source } = member;
        if (readsKept(source, seconds) < SAVES_SHARE * total(source.first)) return [member];
        const misses = missesOf(source, seconds);
        // Sessions and what lay outside of them become one stream of misses.
        if (done.has(source)) return [];
        done.add(source);
        return [{ ...member, demand: { kind: 'arrivals', perSecond: misses } }];
      }),
    };
  };
}

function readsKept(row: LoadRow, seconds: CacheSeconds): number {
  const misses = total(missesByAddress(row, seconds)) * instancesPerAddress(row) + total(row.uncacheable);
  return total(row.first) - misses;
}

/** Several instances behind one address each fill a cache of their own. */
function missesOf(row: LoadRow, seconds: CacheSeconds): number[] {
  const perAddress = instancesPerAddress(row);
  return missesByAddress(row, seconds).map((count, index) => count * perAddress + (row.uncacheable[index] ?? 0));
}

function missesByAddress(row: LoadRow, seconds: CacheSeconds): readonly number[] {
  return { 60: row.miss60, 300: row.miss300, 1800: row.miss1800, 3600: row.miss3600 }[seconds];
}

/** A start draws one challenge; a caller that draws one for every other read makes a client for each, and tells nothing. */
function instancesPerAddress({ addresses, challenges, first }: LoadRow): number {
  if (addresses === 0 || challenges > 0.5 * total(first)) return 1;
  return Math.max(1, challenges / addresses);
}
