import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import type { LoadRow } from '../../evidence/load.ts';
import { type Change, isOf, type Whose } from './change.ts';
import { type Demand, type Member, total } from './fleet.ts';
import { reproducible } from './random.ts';
import { inOrder, keepReads, needOf, type Reads } from './reads.ts';

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
        const { source, demand } = member;
        if (demand.kind === 'reads')
          return [{ ...member, demand: { ...demand, reads: keepValues(demand, whose, seconds) } }];
        if (readsKept(member, seconds) < SAVES_SHARE * total(source.first)) return [member];
        const misses = missesOf(member, seconds);
        // Sessions and what lay outside of them become one stream of misses.
        if (done.has(source)) return [];
        done.add(source);
        return [{ ...member, demand: { kind: 'arrivals', perSecond: misses } }];
      }),
    };
  };
}

/** Who reads regularly renews what it keeps: of what the log shows, no more than this part of the period counts. */
const KNOWN_SHARE_MAX = 0.5;

/**
 * A process that had been there before the log begins holds what it had read then, of any age: it is due again at some time
 * of the first period. One that starts holds nothing: it is told by reading hardly anything twice.
 */
function keepValues({ reads, knownForMs }: Extract<Demand, { kind: 'reads' }>, whose: Whose, seconds: number): Reads {
  const ordered = inOrder(reads);
  const needs = new Set(ordered.map(needOf));
  if (whose !== null && ordered.length - needs.size < SAVES_SHARE * ordered.length) return reads;
  const ttlMs = seconds * 1000;
  const beganMs = -Math.min(knownForMs, KNOWN_SHARE_MAX * ttlMs);
  const random = reproducible(ordered.length);
  const until = new Map<string, number>();
  return keepReads(ordered, (read) => {
    if (read.work === ATTEMPT_WORK.list) return true;
    const need = needOf(read);
    const freshUntilMs = until.get(need) ?? beganMs + random() * ttlMs;
    until.set(need, freshUntilMs);
    if (read.atMs < freshUntilMs) return false;
    until.set(need, read.atMs + ttlMs);
    return true;
  });
}

function readsKept(member: Member, seconds: CacheSeconds): number {
  const { source } = member;
  const misses = total(missesByAddress(source, seconds)) * instancesPerAddress(member) + total(source.uncacheable);
  return total(source.first) - misses;
}

/** Several instances behind one address each fill a cache of their own. */
function missesOf(member: Member, seconds: CacheSeconds): number[] {
  const perAddress = instancesPerAddress(member);
  const { source } = member;
  return missesByAddress(source, seconds).map((count, index) => count * perAddress + (source.uncacheable[index] ?? 0));
}

function missesByAddress(row: LoadRow, seconds: CacheSeconds): readonly number[] {
  return { 60: row.miss60, 300: row.miss300, 1800: row.miss1800, 3600: row.miss3600 }[seconds];
}

/** A start draws one challenge and then reads about its whole set; whoever reads less for each makes a client for each call. */
const OF_SET_MIN = 0.6;
/** Where the size of the set is not known. */
const SET_USUAL = 4;

/** Told by challenges, one for each start; those of clients that are made for each call tell nothing. */
function instancesPerAddress({ source: { addresses, challenges, first }, habits }: Member): number {
  if (addresses === 0 || challenges === 0) return 1;
  const readsEach = total(first) / challenges;
  return readsEach < OF_SET_MIN * (habits.setSize ?? SET_USUAL) ? 1 : Math.max(1, challenges / addresses);
}
