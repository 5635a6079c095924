import type { LoadRow } from '../../evidence/load.ts';
import { type Fleet, type Member, total } from './fleet.ts';
import { advisedWaits } from './waits.ts';

/** The observed load, changed as a fix would change it. */
export type Change = (fleet: Fleet) => Fleet;

export type CacheSeconds = 60 | 300 | 1800 | 3600;

function changeMembers(caller: string | null, change: (member: Member) => Member): Change {
  return (fleet) => ({
    ...fleet,
    members: fleet.members.map((member) => (member.caller === caller ? change(member) : member)),
  });
}

/** The caller waits 1, 2, 4, 8, 16 s with full jitter after a refusal. */
export function waitAsAdvised(caller: string | null): Change {
  return changeMembers(caller, (member) => ({ ...member, waits: advisedWaits }));
}

/** Each instance of the caller waits a random time up to `seconds` before its first read. */
export function spreadStarts(caller: string | null, seconds: number): Change {
  return changeMembers(caller, (member) =>
    member.demand.kind === 'sessions' ? { ...member, demand: { ...member.demand, spreadMs: seconds * 1000 } } : member,
  );
}

/** Each start reads one secret that holds the whole set. */
export function bundleReads(caller: string | null): Change {
  return changeMembers(caller, (member) =>
    member.demand.kind === 'sessions' ? { ...member, demand: { ...member.demand, reads: 1 } } : member,
  );
}

/** The caller moves to a vault of its own, whose limit it shares with nobody. */
export function moveToOwnVault(caller: string | null): Change {
  return changeMembers(caller, (member) => ({ ...member, vault: 1 }));
}

/** A cache that saves less than this leaves the load as it is: each read was a first one. */
const SAVES_SHARE = 0.1;

/** Each instance of the caller keeps what it read for `seconds`. */
export function keepFor(caller: string | null, seconds: CacheSeconds): Change {
  return (fleet) => {
    const done = new Set<LoadRow>();
    return {
      ...fleet,
      members: fleet.members.flatMap((member) => {
        if (member.caller !== caller) return [member];
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
