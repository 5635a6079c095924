import type { AttemptRow } from '../../evidence/attempts.ts';
import type { Need } from './chains.ts';
import { type Flow, likelyFlows, loopFlows } from './flows.ts';
import { quantile } from './quantile.ts';

/**
 * What the instances of a caller wanted, read by read, as the log shows it. Reads of one flow follow each other: each comes
 * some time after the one before was served, so that it comes sooner where less is refused.
 */
export type Reads = readonly Read[];

export type Read = {
  /** Milliseconds after the fleet's first second at which it was first tried. */
  atMs: number;
  /** From the read before it in its flow being served to this one; null where it begins a flow. */
  afterMs: number | null;
  /** Asked along with the read before it, `afterMs` later, whatever becomes of that one. */
  alongside: boolean;
  /** From the try that was answered to the answer. */
  tookMs: number;
  address: number;
  target: number;
  work: number;
  /** Answered 403 or 404, as whatever asks for this target mostly is. */
  failing: boolean;
};

/** A start that was given up in the middle would have gone on: so far as others of its caller went. */
const WHOLE_FLOW_SHARE = 0.9;
const SET_MIN = 3;
/**
 * @param needs as `needsOf` found them
 * @param goesOn whether its instances go on to the next read when one was given up
 */
export function readsOf(row: AttemptRow, needs: readonly Need[], goesOn: boolean): Reads {
  const failing = failingTargets(row);
  // A loop around what fails goes on by itself, whatever else its caller reads.
  const reads = [true, false].flatMap((isFailing) =>
    readsInFlows(
      needs.filter(({ target }) => failing.has(target) === isFailing),
      goesOn,
      isFailing,
    ),
  );
  return inOrder(reads);
}

function readsInFlows(needs: readonly Need[], goesOn: boolean, failing: boolean): Read[] {
  const flows = (failing ? loopFlows(needs) : null) ?? likelyFlows(needs);
  const whole = wholeOf(flows);
  return flows.flatMap((flow) => {
    const reads = flow.needs.map(({ firstMs, lastMs, doneMs, address, target, work }, index): Read => {
      const before = flow.needs[index - 1];
      const alongside = index > flow.togetherFrom;
      const afterMs = before === undefined ? null : firstMs - (alongside ? before.firstMs : before.lastMs);
      return { atMs: firstMs, afterMs, alongside, tookMs: doneMs - lastMs, address, target, work, failing };
    });
    return goesOn ? reads : [...reads, ...unreached(flow, whole)];
  });
}

/** As far as a flow goes that nothing stopped. */
function wholeOf(flows: readonly Flow[]): Flow | null {
  const lengths = flows.map(({ needs }) => needs.length);
  const wholeLength = quantile(lengths, WHOLE_FLOW_SHARE);
  return wholeLength < SET_MIN ? null : (flows.find(({ needs }) => needs.length === wholeLength) ?? null);
}

/** Reads that would have followed, had the last one not been given up. */
function unreached({ needs, togetherFrom }: Flow, whole: Flow | null): Read[] {
  const last = needs.at(-1);
  if (whole === null || last?.status !== 429 || needs.length > togetherFrom || needs.length >= whole.needs.length)
    return [];
  const listsAll = whole.togetherFrom < whole.needs.length;
  const steps = needs.slice(1).map((need, index) => need.firstMs - (needs[index]?.lastMs ?? 0));
  const afterMs = steps.length === 0 ? last.doneMs - last.lastMs : quantile(steps, 0.5);
  return whole.needs.slice(needs.length).map(({ target, work }, index) => {
    const alongside = needs.length + index > whole.togetherFrom;
    return {
      atMs: last.lastMs,
      afterMs: alongside ? 0 : afterMs,
      alongside,
      tookMs: 0,
      address: last.address,
      // Who lists is told of the same things by each list; what else another reads is no matter.
      target: listsAll ? target : -1 - needs.length - index,
      work,
      failing: false,
    };
  });
}

/** What is mostly answered 403 or 404, as far as it is answered. */
export function failingTargets({ target, status }: AttemptRow): Set<number> {
  const balance = new Map<number, number>();
  for (const [index, to] of target.entries()) {
    const answer = status[index] ?? 0;
    if (answer === 429) continue;
    balance.set(to, (balance.get(to) ?? 0) + (answer === 403 || answer === 404 ? 1 : -1));
  }
  return new Set([...balance].filter(([, more]) => more >= 0).map(([to]) => to));
}

/** Those that are left; what followed a read that is gone follows the one before it, by so much sooner as it took. */
export function keepReads(reads: Reads, keeps: (read: Read) => boolean): Reads {
  const left: Read[] = [];
  let waitedMs = 0;
  let goneTookMs = 0;
  let headMs: number | null = null;
  let begun = false;
  let follows = false;
  for (const read of reads) {
    if (read.afterMs === null) {
      headMs = read.atMs;
      waitedMs = 0;
      begun = false;
    } else if (read.alongside) waitedMs += read.afterMs;
    else {
      waitedMs += read.afterMs - goneTookMs;
      follows = true;
    }
    const isLeft = keeps(read);
    goneTookMs = isLeft ? 0 : read.tookMs;
    if (!isLeft) continue;
    const afterMs = Math.max(0, waitedMs);
    // Of those that are asked together the first that is left waits for what the first of all waited for.
    if (begun) left.push({ ...read, afterMs, alongside: !follows });
    else left.push({ ...read, afterMs: null, alongside: false, atMs: (headMs ?? read.atMs) + afterMs });
    begun = true;
    follows = false;
    waitedMs = 0;
  }
  return left;
}

/** Flows in order of their beginning, so that the first read of a need is met first. */
export function inOrder(reads: Reads): Reads {
  const flows: Read[][] = [];
  for (const read of reads)
    if (read.afterMs === null) flows.push([read]);
    else flows.at(-1)?.push(read);
  return flows.sort(([a], [b]) => (a?.atMs ?? 0) - (b?.atMs ?? 0)).flat();
}

/** Each address's own, in order of time. */
export function readsByAddress(reads: Reads): Map<number, Read[]> {
  const byAddress = new Map<number, Read[]>();
  for (const read of reads) {
    const here = byAddress.get(read.address);
    if (here === undefined) byAddress.set(read.address, [read]);
    else here.push(read);
  }
  for (const here of byAddress.values()) here.sort((a, b) => a.atMs - b.atMs);
  return byAddress;
}

export function needOf({ address, target }: Read): string {
  return `${address} ${target}`;
}
