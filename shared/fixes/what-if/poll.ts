import { type Change, changeDemand, type Whose } from './change.ts';
import { keepReads, needOf, type Read, type Reads } from './reads.ts';
import { TOGETHER_MS } from './starts.ts';

/** A read comes as much early or late as this part of the interval. */
const EARLY_SHARE = 0.5;
/** What was polled in the first intervals of the stretch was polled before it. */
const WARM_INTERVALS = 1.5;

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

/** Each need is met again once the interval has passed; when one that is older than the log was last met is not known. */
function pollLess(reads: Reads, seconds: number): Reads {
  const readsOfNeed = new Map<string, Read[]>();
  for (const read of reads) {
    const known = readsOfNeed.get(needOf(read));
    if (known === undefined) readsOfNeed.set(needOf(read), [read]);
    else known.push(read);
  }
  const kept = new Set<Read>();
  for (const all of readsOfNeed.values()) {
    all.sort((a, b) => a.atMs - b.atMs);
    const firstMs = all[0]?.atMs ?? 0;
    // Instances behind one address take turns within a round.
    const togetherMs = Math.min(TOGETHER_MS, (EARLY_SHARE * seconds * 1000) / 2);
    const everyMs = all.length < 2 ? 0 : ((all.at(-1)?.atMs ?? 0) - firstMs) / (all.length - 1);
    let lastMs = firstMs < WARM_INTERVALS * everyMs ? firstMs - everyMs : Number.NEGATIVE_INFINITY;
    for (const read of all) {
      const isDue = read.atMs - lastMs >= seconds * 1000 - EARLY_SHARE * everyMs;
      if (isDue) lastMs = read.atMs;
      if (isDue || (read.atMs < lastMs + togetherMs && kept.size > 0)) kept.add(read);
    }
  }
  return keepReads(reads, (read) => kept.has(read));
}

/** The first interval is polled as it was where it is the first of all; then one interval in so many. */
function sparser(perSecond: readonly number[], everySeconds: number, seconds: number): number[] {
  const share = everySeconds / seconds;
  const first = perSecond.findIndex((count) => count > 0);
  const isOlder = first < WARM_INTERVALS * everySeconds;
  return perSecond.map((count, second) => (!isOlder && second < first + everySeconds ? count : count * share));
}
