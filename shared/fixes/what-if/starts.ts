import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import type { Member } from './fleet.ts';
import { TOGETHER_MS } from './flows.ts';
import { type Reads, readsByAddress } from './reads.ts';

/** Who reads so much of its set within that time begins with it: what is refreshed one by one comes over minutes. */
const BEGINS_SHARE = 0.25;
/** Sets smaller than this are read whole by any piece of work. */
const SET_MIN = 6;
/** A start reads its set for one challenge, as far as it gets; a client that is made for each call reads a few. */
const OF_SET_MIN = 0.25;
const READS_MIN = 4;
/** So many of the beginnings draw a challenge where they are starts of processes. */
const CHALLENGED_SHARE = 0.5;

/** By address: when its instances begin to read their set, ms after the fleet's first second, those close together as one. */
export function beginningsOf(reads: Reads): Map<number, number[]> {
  const beginnings = new Map<number, number[]>();
  for (const [address, own] of readsByAddress(reads)) {
    const setSize = new Set(own.map(({ target }) => target)).size;
    if (setSize < SET_MIN) continue;
    const here: number[] = [];
    const recent = new Map<number, number>();
    let oldest = 0;
    for (const { atMs, target } of own) {
      if (atMs < (here.at(-1) ?? Number.NEGATIVE_INFINITY) + TOGETHER_MS) continue;
      for (let old = own[oldest]; old !== undefined && old.atMs < atMs - TOGETHER_MS; old = own[++oldest])
        if ((recent.get(old.target) ?? 0) <= old.atMs) recent.delete(old.target);
      recent.set(target, atMs);
      if (recent.size < BEGINS_SHARE * setSize) continue;
      here.push(Math.min(...recent.values()));
      recent.clear();
    }
    if (here.length > 0) beginnings.set(address, here);
  }
  return beginnings;
}

/** Whether each challenge of the caller is a process that starts and reads its set, as far as that can be told. */
export function startsWithChallenge(
  { source: { challenges }, habits }: Pick<Member, 'source' | 'habits'>,
  firstTries: number,
): boolean {
  const setSize = habits.setSize ?? 0;
  return setSize >= SET_MIN && firstTries / Math.max(1, challenges) >= Math.max(READS_MIN, OF_SET_MIN * setSize);
}

/** Starts of processes, which hold nothing, by address; none where what begins goes on in processes that were there. */
export function startsOf(member: Member, reads: Reads): Map<number, number[]> {
  const none = new Map<number, number[]>();
  // Whoever lists does so in each round, whether it has just started or not.
  if (!startsWithChallenge(member, reads.length) || reads.some(({ work }) => work === ATTEMPT_WORK.list)) return none;
  const beginnings = beginningsOf(reads);
  const count = [...beginnings.values()].reduce((sum, { length }) => sum + length, 0);
  return member.source.challenges >= CHALLENGED_SHARE * count ? beginnings : none;
}
