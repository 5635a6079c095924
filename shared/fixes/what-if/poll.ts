import { type Change, changeDemand, type Whose } from './change.ts';
import { TOGETHER_MS } from './flows.ts';
import { keepReads, needOf, type Read, type Reads } from './reads.ts';

/** A read comes as much early or late as this part of the interval. */
const EARLY_SHARE = 0.5;
/** What is polled within the first interval of the stretch was polled before it; what comes a whole one later has begun then. */
const WARM_INTERVALS = 0.95;
/** Timers jitter by a part of their period; what is later by more than this part of it waited for something else. */
const JITTER_SHARE_MAX = 0.2;
/** Seconds with less than this part of the busiest one are what else the caller does. */
const BUSY_SHARE = 0.1;

/** What the caller reads again and again it reads every `seconds` instead. */
export function readEvery(whose: Whose, seconds: number): Change {
  return changeDemand(whose, (demand, { habits }) => {
    if (demand.kind === 'reads') return { ...demand, reads: pollLess(demand.reads, seconds) };
    const { everySeconds } = habits;
    if (everySeconds === null || everySeconds >= seconds) return demand;
    return demand.kind === 'arrivals'
      ? { ...demand, perSecond: sparser(demand.perSecond, everySeconds, seconds) }
      : { ...demand, startsPerSecond: sparser(demand.startsPerSecond, everySeconds, seconds) };
  });
}

/**
 * Of its rounds every so many are left, and come when the interval has passed, as much early or late of it as they were of
 * theirs; when one that is older than the log was last met is not known.
 */
function pollLess(reads: Reads, seconds: number): Reads {
  const readsOfNeed = new Map<string, Read[]>();
  for (const read of reads) {
    const known = readsOfNeed.get(needOf(read));
    if (known === undefined) readsOfNeed.set(needOf(read), [read]);
    else known.push(read);
  }
  const laterMs = new Map<Read, number>();
  for (const all of readsOfNeed.values()) {
    all.sort((a, b) => a.atMs - b.atMs);
    for (const [read, ms] of roundsLeft(all, seconds * 1000)) laterMs.set(read, ms);
  }
  const left = new Set<Read>();
  const moved = reads.map((read) => {
    const ms = laterMs.get(read);
    if (ms === undefined) return read;
    const later = { ...read, atMs: read.atMs + ms };
    left.add(later);
    return later;
  });
  return keepReads(moved, (read) => left.has(read));
}

/** Of one need's reads in order of time: those that are left, and by how much each comes later. */
function roundsLeft(all: readonly Read[], intervalMs: number): Map<Read, number> {
  const left = new Map<Read, number>();
  const firstMs = all[0]?.atMs ?? 0;
  const everyMs = all.length < 2 ? intervalMs : ((all.at(-1)?.atMs ?? 0) - firstMs) / (all.length - 1);
  const roundsEach = Math.max(1, Math.floor(intervalMs / Math.max(1, everyMs)));
  // Instances behind one address take turns within a round.
  const togetherMs = Math.min(TOGETHER_MS, (EARLY_SHARE * intervalMs) / 2);
  let last =
    firstMs < WARM_INTERVALS * everyMs && all.length > 1 ? { atMs: firstMs - everyMs, nth: 0, laterMs: 0 } : null;
  const baseMs = last?.atMs ?? firstMs;
  for (const read of all) {
    const isDue = last === null || read.atMs - last.atMs >= (roundsEach - EARLY_SHARE) * everyMs;
    if (isDue) {
      const nth: number = last === null ? 0 : last.nth + 1;
      const lateMs = read.atMs - baseMs - nth * roundsEach * everyMs;
      const isJitter = Math.abs(lateMs) <= JITTER_SHARE_MAX * everyMs;
      const newLateMs = isJitter ? (lateMs * intervalMs) / everyMs : lateMs;
      const laterMs = nth === 0 ? 0 : baseMs + nth * intervalMs + newLateMs - read.atMs;
      last = { atMs: read.atMs, nth, laterMs };
      left.set(read, laterMs);
    } else if (last !== null && left.size > 0 && read.atMs < last.atMs + togetherMs) left.set(read, last.laterMs);
  }
  return left;
}

/** The first interval is polled as it was where it is the first of all; then one interval in so many. */
function sparser(perSecond: readonly number[], everySeconds: number, seconds: number): number[] {
  const share = everySeconds / seconds;
  const busy = BUSY_SHARE * Math.max(...perSecond);
  const first = perSecond.findIndex((count) => count > busy);
  const isOlder = first < WARM_INTERVALS * everySeconds;
  return perSecond.map((count, second) => (!isOlder && second < first + everySeconds ? count : count * share));
}
