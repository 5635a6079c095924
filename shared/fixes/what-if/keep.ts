import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import type { LoadRow } from '../../evidence/load.ts';
import type { Random } from '../../ports.ts';
import { type Change, isOf, type Whose } from './change.ts';
import { type Demand, type Fleet, type Member, total } from './fleet.ts';
import { inOrder, keepReads, needOf, type Read, type Reads } from './reads.ts';
import { startsOf, startsWithChallenge, TOGETHER_MS } from './starts.ts';

export type CacheSeconds = 60 | 300 | 1800 | 3600;

/** Of all first tries around the refusals. */
const WORTH_IT_SHARE = 0.02;

/** A cache that saves less than this leaves the load as it is: each read was a first one. */
const SAVES_SHARE = 0.1;

/** Each instance of the caller keeps what it read for `seconds`. */
export function keepFor(whose: Whose, seconds: CacheSeconds): Change {
  return (fleet, random) => {
    const done = new Set<LoadRow>();
    return {
      ...fleet,
      members: fleet.members.flatMap((member) => {
        if (!isOf(member, whose) || (whose === null && !isWorthIt(member, fleet))) return [member];
        const { source, demand } = member;
        if (demand.kind === 'reads') {
          // What takes the fault of nobody's processes in particular takes none of their starts either.
          const starts = whose === null ? new Map<number, number[]>() : startsOf(member, demand.reads);
          const idleMs = idleBeforeMs(member, demand, onsetOf(fleet));
          return [
            { ...member, demand: { ...demand, reads: keepValues(demand.reads, { seconds, idleMs, starts, random }) } },
          ];
        }
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

/** What is nobody's fault in particular is mended by those who ask for much: not by each who reads now and then. */
function isWorthIt({ caller, source }: Member, { members }: Fleet): boolean {
  const all = total([...new Set(members.map((member) => member.source))].map(({ first }) => total(first)));
  return caller !== null && total(source.first) >= WORTH_IT_SHARE * all;
}

/** The first refusal, second after the fleet's first. */
function onsetOf({ seconds, members }: Fleet): number {
  const firsts = members.map(({ source }) => source.refused.findIndex((count) => count > 0)).filter((at) => at >= 0);
  return Math.min(seconds, ...firsts);
}

const HOUR_MS = 3_600_000;
/** What leads to the refusals has begun before the first of them: the part of the time before it that is as usual. */
const USUAL_PART = 0.5;

/**
 * How long, ms, what a cache would have had to read again is left unread when the stretch begins: half as long as it usually
 * takes until the same is asked for again, and no longer than the log goes back.
 */
function idleBeforeMs(
  { habits }: Member,
  { reads, knownForMs }: Extract<Demand, { kind: 'reads' }>,
  onsetSecond: number,
): number {
  const needs = new Set(reads.map(needOf)).size;
  const usualMs = USUAL_PART * 1000 * onsetSecond;
  const againMs =
    knownForMs >= HOUR_MS
      ? (HOUR_MS * needs) / habits.hourBefore
      : (usualMs * needs) / reads.filter(({ atMs }) => atMs < usualMs).length;
  return Math.min(knownForMs, againMs / 2);
}

/**
 * A process that had been there before the log begins holds what it had read then, of any age: it is due again at some time
 * of the first period. One that starts holds nothing, nor do others at its address that start with it.
 *
 * @param starts by address, in order of time
 */
function keepValues(
  reads: Reads,
  {
    seconds,
    idleMs,
    starts,
    random,
  }: { seconds: number; idleMs: number; starts: Map<number, readonly number[]>; random: Random },
): Reads {
  const ttlMs = seconds * 1000;
  const instanceOf = instancesOf(reads);
  const until = new Map<string, { ms: number; knownMs: number }>();
  return keepReads(inOrder(reads), (read) => {
    if (read.work === ATTEMPT_WORK.list) return true;
    const need = `${needOf(read)} ${instanceOf(read)}`;
    const startMs = starts.get(read.address)?.findLast((atMs) => atMs <= read.atMs) ?? Number.NEGATIVE_INFINITY;
    const known = until.get(need) ?? { ms: random() * ttlMs - idleMs, knownMs: Number.NEGATIVE_INFINITY };
    until.set(need, known);
    const isFresh = read.atMs < known.ms && known.knownMs >= startMs;
    if (isFresh && read.atMs >= startMs + TOGETHER_MS) return false;
    if (isFresh && startMs === Number.NEGATIVE_INFINITY) return false;
    until.set(need, { ms: read.atMs + ttlMs, knownMs: read.atMs });
    return true;
  });
}

/**
 * Whoever lists reads each thing once a round: of several behind one address, the n-th read of it within a round is the n-th
 * instance's. Of other work that cannot be told.
 */
function instancesOf(reads: Reads): (read: Read) => number {
  if (!reads.some(({ work }) => work === ATTEMPT_WORK.list)) return () => 0;
  const rounds = new Map<string, { fromMs: number; count: number }>();
  return (read) => {
    const need = needOf(read);
    const known = rounds.get(need);
    const round =
      known === undefined || read.atMs >= known.fromMs + TOGETHER_MS ? { fromMs: read.atMs, count: 0 } : known;
    rounds.set(need, { ...round, count: round.count + 1 });
    return round.count;
  };
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

/** Told by challenges, one for each start; those of clients that are made for each call tell nothing. */
function instancesPerAddress(member: Member): number {
  const { addresses, challenges, first } = member.source;
  if (addresses === 0 || challenges === 0 || !startsWithChallenge(member, total(first))) return 1;
  return Math.max(1, challenges / addresses);
}
