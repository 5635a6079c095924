import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import type { LoadRow } from '../../evidence/load.ts';
import { type Change, isOf, type Whose } from './change.ts';
import { type Demand, type Fleet, type Member, total, USUAL_PART } from './fleet.ts';
import { TOGETHER_MS } from './flows.ts';
import { type Asked, askedBy, heldUntilMs, quietBefore } from './held.ts';
import { instancesOf, refreshedEvery } from './instances.ts';
import { inOrder, keepReads, needOf, type Reads } from './reads.ts';
import { startsOf, startsWithChallenge } from './starts.ts';

export type CacheSeconds = 60 | 300 | 1800 | 3600;

/** Of all first tries around the refusals. */
const WORTH_IT_SHARE = 0.02;

/** A cache that saves less than this leaves the load as it is: each read was a first one. */
const SAVES_SHARE = 0.1;

/** Each instance of the caller keeps what it read for `seconds`. */
export function keepFor(whose: Whose, seconds: CacheSeconds): Change {
  const intervals = new Map<Reads, number | null>();
  const everyMsOf = (reads: Reads): number | null => {
    const known = intervals.get(reads);
    if (known !== undefined) return known;
    const everyMs = refreshedEvery(reads);
    intervals.set(reads, everyMs);
    return everyMs;
  };
  return (fleet, random) => {
    const done = new Set<LoadRow>();
    const ttlMs = 1000 * seconds;
    return {
      ...fleet,
      members: fleet.members.flatMap((member) => {
        if (!isOf(member, whose) || (whose === null && !isWorthIt(member, fleet))) return [member];
        const { source, demand } = member;
        // A cache keeps no errors.
        if (member.part?.failing === true) return [member];
        if (demand.kind === 'reads') {
          // What takes the fault of nobody's processes in particular takes none of their starts either.
          const starts = whose === null ? new Map<number, number[]>() : startsOf(member, demand.reads);
          const everyMs = everyMsOf(demand.reads);
          const asked = askedReads(member, { reads: demand.reads, everyMs, onsetSecond: onsetOf(fleet) });
          const heldMs = (): number => heldUntilMs(asked(random()), { ttlMs, knownForMs: member.knownForMs }, random);
          return [
            { ...member, demand: { ...demand, reads: keepValues(demand.reads, { ttlMs, heldMs, starts, everyMs }) } },
          ];
        }
        // A process that starts holds nothing: its first reads are misses, as often as it starts.
        if (whose !== null && demand.kind === 'sessions' && areStarts(member)) return [member];
        if (whose === null && isOfStarts(member, fleet)) {
          // Those who come back read each thing once: of all of them, others did not fall silent.
          const things = total(source.first) / quietBefore(member.habits.askedBefore).share;
          const asked = askedBy(member, Math.max(things, member.habits.things), Number.POSITIVE_INFINITY);
          const heldMs = (): number => heldUntilMs(asked(random()), { ttlMs, knownForMs: member.knownForMs }, random);
          return [{ ...member, demand: expiredOf(demand, 1000 * onsetOf(fleet), heldMs) }];
        }
        if (readsKept(member, seconds) < SAVES_SHARE * total(source.first)) return [member];
        const misses = missesOf(member, seconds);
        // Sessions and what lay outside of them become one stream of misses.
        if (done.has(source)) return [];
        done.add(source);
        return [{ ...member, demand: { kind: 'arrivals', perSecond: misses, piece: null } }];
      }),
    };
  };
}

/** Whether instances that go on after they begin again are a part of what this caller reads. */
function isOfStarts({ source }: Member, { members }: Fleet): boolean {
  return members.some((member) => member.source === source && member.demand.kind === 'sessions');
}

const DRAWS = 200;
/** Who lists less than this part of what it reads does something else now and then. */
const LISTED_SHARE = 0.01;

/** What is read once, about then, of what was held before: as much of it as has expired. */
function expiredOf(demand: Exclude<Demand, { kind: 'reads' }>, atMs: number, heldMs: () => number): Demand {
  let expired = 0;
  for (let draw = 0; draw < DRAWS; draw++) if (heldMs() <= atMs) expired++;
  const share = expired / DRAWS;
  if (demand.kind === 'sessions') return { ...demand, reads: demand.reads * share };
  return { ...demand, perSecond: demand.perSecond.map((count) => count * share) };
}

/** Sessions that are starts of processes: whoever lists does so in each round, whether it has just started or not. */
function areStarts(member: Member): boolean {
  const reads = total(member.source.first);
  return startsWithChallenge(member, reads) && total(member.source.uncacheable) < LISTED_SHARE * reads;
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

/** The same of reads, which tell by themselves how often a thing is usually asked for where nothing else does. */
function askedReads(
  member: Member,
  { reads, everyMs, onsetSecond }: { reads: Reads; everyMs: number | null; onsetSecond: number },
): (drawn: number) => Asked | null {
  const instanceOf = instancesOf(reads, everyMs);
  const own = new Set(
    inOrder(reads).map((read) => (everyMs === null ? needOf(read) : `${needOf(read)} ${instanceOf(read)}`)),
  );
  const things = Math.max(own.size, member.habits.things);
  const usualMs = USUAL_PART * 1000 * onsetSecond;
  return askedBy(member, things, (usualMs * things) / reads.filter(({ atMs }) => atMs < usualMs).length);
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
    ttlMs,
    heldMs,
    starts,
    everyMs,
  }: { ttlMs: number; heldMs: () => number; starts: Map<number, readonly number[]>; everyMs: number | null },
): Reads {
  const instanceOf = instancesOf(reads, everyMs);
  const until = new Map<string, { ms: number; knownMs: number }>();
  return keepReads(inOrder(reads), (read) => {
    if (read.work === ATTEMPT_WORK.list) return true;
    const need = `${needOf(read)} ${instanceOf(read)}`;
    const startMs = starts.get(read.address)?.findLast((atMs) => atMs <= read.atMs) ?? Number.NEGATIVE_INFINITY;
    const known = until.get(need) ?? { ms: heldMs(), knownMs: Number.NEGATIVE_INFINITY };
    until.set(need, known);
    const isFresh = read.atMs < known.ms && known.knownMs >= startMs;
    if (isFresh && read.atMs >= startMs + TOGETHER_MS) return false;
    if (isFresh && startMs === Number.NEGATIVE_INFINITY) return false;
    until.set(need, { ms: read.atMs + ttlMs, knownMs: read.atMs });
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

/** Told by challenges, one for each start; those of clients that are made for each call tell nothing. */
function instancesPerAddress(member: Member): number {
  const { addresses, challenges, first } = member.source;
  if (addresses === 0 || challenges === 0 || !startsWithChallenge(member, total(first))) return 1;
  return Math.max(1, challenges / addresses);
}
