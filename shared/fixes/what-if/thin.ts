import { ATTEMPT_WORK } from '../../evidence/attempts.ts';
import { type Change, changeDemand, type Whose } from './change.ts';
import { type Demand, type Member, total } from './fleet.ts';
import { TOGETHER_MS } from './flows.ts';
import { inOrder, keepReads, needOf, type Read, type Reads } from './reads.ts';
import { beginningsOf } from './starts.ts';

/** Each start reads one secret that holds the whole set. */
export function bundleReads(whose: Whose): Change {
  return changeDemand(whose, (demand, { habits }) => {
    if (demand.kind === 'sessions') return { ...demand, reads: 1 };
    if (demand.kind === 'arrivals') return scaled(demand, 1 / Math.max(1, habits.setSize ?? 1));
    return { ...demand, reads: bundled(demand.reads) };
  });
}

/** What is answered 403 or 404 again and again is asked no more: granted or named rightly, it is read once. */
export function dropFailing(whose: Whose): Change {
  return changeDemand(whose, (demand, { source, part }) => {
    if (part?.failing === false) return demand;
    if (part !== null && demand.kind !== 'reads')
      return { kind: 'arrivals', perSecond: part.newPerSecond, piece: null };
    if (demand.kind === 'reads') return readOnce(demand, ({ failing }) => failing, 0);
    if (demand.kind === 'sessions') return scaled(demand, servedShare(source, 0, source.first.length));
    // The loop comes and goes, and what else is asked stays: by the second, of what was answered around it.
    const around = (count: number, second: number): number => (count === 0 ? 0 : count * servedAround(source, second));
    return { ...demand, perSecond: demand.perSecond.map(around) };
  });
}

const AROUND_S = 5;
/** Fewer answers are too few to take a share of; where nearly all is refused, they lie further apart. */
const ANSWERED_MIN = 20;

function servedAround(source: Member['source'], second: number): number {
  let aroundS = AROUND_S;
  const answeredWithin = (): number => answered(source, second - aroundS, second + aroundS + 1);
  while (answeredWithin() < ANSWERED_MIN && aroundS < source.first.length) aroundS *= 2;
  return servedShare(source, second - aroundS, second + aroundS + 1);
}

/** Of what was answered in these seconds, other than by a refusal, the share that was served; 1 where nothing was. */
function servedShare(source: Member['source'], from: number, to: number): number {
  const answers = answered(source, from, to);
  return answers <= 0 ? 1 : Math.min(1, within(source.served, from, to) / answers);
}

function answered({ first, retry, refused }: Member['source'], from: number, to: number): number {
  return within(first, from, to) + within(retry, from, to) - within(refused, from, to);
}

function within(counts: readonly number[], from: number, to: number): number {
  return total(counts.slice(Math.max(0, from), Math.max(0, to)));
}

/** Each instance starts once: the runs of a loop after its first are gone. */
export function startOnce(whose: Whose): Change {
  return changeDemand(whose, (demand, { source }) => {
    if (demand.kind === 'reads') return beginOnce(demand);
    return demand.kind === 'arrivals' ? onceEach(source) : startsOnce(demand, source);
  });
}

/** What was listed is read the first time, and then only what changed: the lists are left. */
export function readNoneTwice(whose: Whose): Change {
  return changeDemand(whose, (demand, { source }) => {
    if (demand.kind === 'reads') return readOnce(demand, ({ work }) => work !== ATTEMPT_WORK.list, TOGETHER_MS);
    const perSecond = firstRound(demand) ?? onceEach(source).perSecond;
    return {
      kind: 'arrivals',
      perSecond: perSecond.map((count, second) => count + (source.uncacheable[second] ?? 0)),
      piece: null,
    };
  });
}

/** A second with less than this part of the busiest one is none of a round. */
const BUSY_SHARE = 0.1;

/**
 * What is read until nothing is for a while, be it by one instance or by many behind one address, which all read it for the
 * first time; null where there is no such pause.
 */
function firstRound(demand: Exclude<Demand, { kind: 'reads' }>): number[] | null {
  const perSecond =
    demand.kind === 'arrivals' ? demand.perSecond : demand.startsPerSecond.map((starts) => starts * demand.reads);
  const busy = BUSY_SHARE * Math.max(...perSecond);
  let last: number | null = null;
  for (const [second, count] of perSecond.entries()) {
    if (count < busy || count === 0) continue;
    const end = last;
    if (end !== null && second - end > TOGETHER_MS / 1000) return perSecond.map((reads, at) => (at <= end ? reads : 0));
    last = second;
  }
  return null;
}

/** Key operations are done in the process where they need no secret, or give back what can be kept. */
export function calculateLocally(whose: Whose): Change {
  return changeDemand(whose, (demand, { source, habits }) => {
    if (source.class !== 'key') return demand;
    if (demand.kind !== 'reads') return scaled(demand, 1 - habits.localShare);
    const asked = ({ work }: Read): boolean => work !== ATTEMPT_WORK.byPublicKey && work !== ATTEMPT_WORK.byDataKey;
    return { ...demand, reads: keepReads(demand.reads, asked) };
  });
}

/** What matches is read once by each instance, of which those behind one address read it together; all else as it was. */
function readOnce(
  demand: Extract<Demand, { kind: 'reads' }>,
  matches: (read: Read) => boolean,
  togetherMs: number,
): Demand {
  const firstMs = new Map<string, number>();
  const keeps = (read: Read): boolean => {
    if (!matches(read)) return true;
    const need = needOf(read);
    const earlier = firstMs.get(need);
    if (earlier !== undefined) return read.atMs < earlier + togetherMs;
    firstMs.set(need, read.atMs);
    return true;
  };
  return { ...demand, reads: keepReads(inOrder(demand.reads), keeps) };
}

/** What was read before an address began for the first time stays; what it read then is not read again. */
function beginOnce(demand: Extract<Demand, { kind: 'reads' }>): Demand {
  const beginnings = beginningsOf(demand.reads);
  const beginsMs = ({ address }: Read): number => beginnings.get(address)?.[0] ?? Number.NEGATIVE_INFINITY;
  return readOnce(demand, (read) => read.atMs >= beginsMs(read), TOGETHER_MS);
}

/** Of each flow what stands for the bundle, and the first of it as early as the flow begins. */
function bundled(reads: Reads): Reads {
  const bundle = mostRead(reads);
  const left: Read[] = [];
  let headMs: number | null = null;
  let waitedMs = 0;
  for (const read of reads) {
    if (read.afterMs === null) headMs = read.atMs;
    else waitedMs += read.afterMs;
    if (bundle.get(read.address) !== read.target) continue;
    left.push(
      headMs === null
        ? { ...read, afterMs: waitedMs, alongside: false }
        : { ...read, afterMs: null, alongside: false, atMs: headMs },
    );
    headMs = null;
    waitedMs = 0;
  }
  return left;
}

/** By address: what it reads most often; of equals one whose number is no matter of time. */
function mostRead(reads: Reads): Map<number, number> {
  const counts = new Map<number, Map<number, number>>();
  for (const { address, target } of inOrder(reads)) {
    const here = counts.get(address) ?? new Map<number, number>();
    here.set(target, (here.get(target) ?? 0) + 1);
    counts.set(address, here);
  }
  const most = new Map<number, number>();
  for (const [address, targets] of counts) {
    let best: [number, number] | null = null;
    for (const [target, count] of targets)
      if (best === null || count > best[1] || (count === best[1] && target < best[0])) best = [target, count];
    if (best !== null) most.set(address, best[0]);
  }
  return most;
}

/** What a cache that keeps for an hour would still read. */
function onceEach({ miss3600 }: Member['source']): Extract<Demand, { kind: 'arrivals' }> {
  return { kind: 'arrivals', perSecond: miss3600, piece: null };
}

/** Behind shared addresses there are at least as many instances as start together for the first time. */
function startsOnce(demand: Extract<Demand, { kind: 'sessions' }>, { addresses }: Member['source']): Demand {
  const begins = demand.startsPerSecond.findIndex((count) => count > 0);
  const together = total(demand.startsPerSecond.slice(Math.max(0, begins), begins + TOGETHER_MS / 1000));
  let left = Math.max(addresses, together);
  const startsPerSecond = demand.startsPerSecond.map((count) => {
    const kept = Math.min(left, count);
    left -= kept;
    return kept;
  });
  return { ...demand, startsPerSecond };
}

function scaled(demand: Exclude<Demand, { kind: 'reads' }>, share: number): Demand {
  if (demand.kind === 'sessions') return { ...demand, reads: demand.reads * share };
  return { ...demand, perSecond: demand.perSecond.map((count) => count * share) };
}
