import { ATTEMPT_WORK, type AttemptRow } from '../../evidence/attempts.ts';

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
  address: number;
  target: number;
  work: number;
  /** Answered 403 or 404, as whatever asks for this target mostly is. */
  failing: boolean;
};

/** A refusal and the next try of the same address and target belong together when no more than this lies between. */
const CHAIN_GAP_MS = 120_000;
/** A wait so many times the usual one, and at least so long, is none of a client's. */
const NEW_NEED_FACTOR = 4;
const NEW_NEED_MS = 10_000;
/** Waits are told one by one for so many refusals, as far as this many were seen. */
const GAPS_MAX = 8;
const GAPS_MIN = 5;
/** Whoever lets more time pass does not go on with what was read before, but with something new. */
const GOES_ON_WITHIN_MS = 5_000;
/** Clocks of a log are whole milliseconds here and there. */
const CLOCK_MS = 1;
/** A start that was given up in the middle would have gone on: so far as others of its caller went. */
const WHOLE_FLOW_SHARE = 0.9;
const SET_MIN = 3;
/**
 * Who goes on as soon as it was served takes about the same time for each step, twice the median at most in nine of ten; work
 * that comes in from outside comes by chance, after any time: of exponential gaps the ninth decile is 3.3 times the median.
 */
const STEADY_STEP_FACTOR = 2.2;
const STEPS_MIN = 20;

export type Need = {
  /** From each refusal to the next try. */
  gapsMs: number[];
  firstMs: number;
  lastMs: number;
  doneMs: number;
  status: number;
  address: number;
  target: number;
  work: number;
};
type Flow = { needs: Need[]; doneMs: number };

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
  const chained = flowsOf(needs, 'longest');
  // Whose turn it is among several at an address is not known; by either guess steps of one kind stay alike.
  const goesOnAlone = isSteady(chained) || isSteady(flowsOf(needs, 'shortest'));
  const flows = goesOnAlone ? chained : needs.map((need): Flow => ({ needs: [need], doneMs: need.doneMs }));
  const wholeLength = quantile(
    flows.map((flow) => flow.needs.length),
    WHOLE_FLOW_SHARE,
  );
  return flows.flatMap((flow) => {
    const reads = flow.needs.map(({ firstMs, address, target, work }, index): Read => {
      const before = flow.needs[index - 1];
      const afterMs = before === undefined ? null : firstMs - before.lastMs;
      return { atMs: firstMs, afterMs, address, target, work, failing };
    });
    return goesOn ? reads : [...reads, ...unreached(flow, wholeLength)];
  });
}

/**
 * Tries of one need until it is served, given up or answered otherwise, in order of the first. What comes far later than a
 * client of this caller waits is a new need: it was given up, and wanted again.
 */
export function needsOf(row: AttemptRow): Need[] {
  const loose = chainTries(row, () => CHAIN_GAP_MS);
  const usualMs = usualGapsMs(loose);
  return chainTries(row, (refusals) =>
    Math.min(CHAIN_GAP_MS, longestAfter(usualMs[Math.min(refusals, usualMs.length) - 1])),
  );
}

function longestAfter(usualMs = 0): number {
  return Math.max(NEW_NEED_MS, NEW_NEED_FACTOR * usualMs);
}

/** Median wait after each refusal in a row; as far as enough were seen, and as each can follow from the one before. */
export function usualGapsMs(needs: readonly Need[]): number[] {
  const usual: number[] = [];
  for (let refusals = 0; refusals < GAPS_MAX; refusals++) {
    const gaps = needs.flatMap(({ gapsMs }) => gapsMs[refusals] ?? []);
    const gapMs = quantile(gaps, 0.5);
    if (gaps.length < GAPS_MIN || gapMs > longestAfter(usual.at(-1))) break;
    usual.push(gapMs);
  }
  return usual;
}

function chainTries(
  { atMs, address, target, status, durationMs, work }: AttemptRow,
  longestMs: (refusals: number) => number,
): Need[] {
  const needs: Need[] = [];
  const open = new Map<string, Need>();
  for (const [index, at] of atMs.entries()) {
    const [from = 0, to = 0, answer = 0] = [address[index], target[index], status[index]];
    const doneMs = at + (durationMs[index] ?? 0);
    const key = `${from} ${to}`;
    const known = open.get(key);
    if (known !== undefined && known.status === 429 && at - known.lastMs <= longestMs(known.gapsMs.length + 1)) {
      known.gapsMs.push(at - known.lastMs);
      Object.assign(known, { lastMs: at, doneMs, status: answer });
      continue;
    }
    const need = {
      gapsMs: [],
      firstMs: at,
      lastMs: at,
      doneMs,
      status: answer,
      address: from,
      target: to,
      work: work[index] ?? 0,
    };
    open.set(key, need);
    needs.push(need);
  }
  return needs;
}

/** Of what waits for more at an address, the one that has waited longest goes on, as instances behind it take turns, or the last. */
function flowsOf(needs: readonly Need[], waited: 'longest' | 'shortest'): Flow[] {
  const flows: Flow[] = [];
  const waiting = new Map<number, Flow[]>();
  const goesFirst = (a: Flow, b: Flow): boolean => (waited === 'longest' ? a.doneMs < b.doneMs : a.doneMs > b.doneMs);
  for (const need of needs) {
    const here = (waiting.get(need.address) ?? []).filter(({ doneMs }) => doneMs >= need.firstMs - GOES_ON_WITHIN_MS);
    let next: Flow | undefined;
    for (const flow of here)
      if (flow.doneMs <= need.firstMs + CLOCK_MS && (next === undefined || goesFirst(flow, next))) next = flow;
    if (next === undefined) {
      next = { needs: [], doneMs: 0 };
      flows.push(next);
      here.push(next);
    }
    next.needs.push(need);
    next.doneMs = need.doneMs;
    waiting.set(need.address, here);
  }
  return flows;
}

function isSteady(flows: readonly Flow[]): boolean {
  const steps = flows.flatMap(({ needs }) =>
    needs.slice(1).flatMap((need, index) => {
      const before = needs[index];
      return before === undefined
        ? []
        : [{ ms: need.firstMs - before.lastMs, undisturbed: before.gapsMs.length === 0 }];
    }),
  );
  const undisturbed = steps.filter((step) => step.undisturbed);
  const told = (undisturbed.length < STEPS_MIN ? steps : undisturbed).map(({ ms }) => ms);
  return told.length < STEPS_MIN || quantile(told, 0.9) <= STEADY_STEP_FACTOR * quantile(told, 0.5);
}

/** Reads that would have followed, had the last one not been given up. */
function unreached({ needs }: Flow, wholeLength: number): Read[] {
  const last = needs.at(-1);
  if (last?.status !== 429 || wholeLength < SET_MIN || needs.length >= wholeLength) return [];
  const steps = needs.slice(1).map((need, index) => need.firstMs - (needs[index]?.lastMs ?? 0));
  const afterMs = steps.length === 0 ? last.doneMs - last.lastMs : quantile(steps, 0.5);
  return Array.from({ length: wholeLength - needs.length }, (_, index) => ({
    atMs: last.lastMs,
    afterMs,
    address: last.address,
    target: -1 - needs.length - index,
    work: ATTEMPT_WORK.other,
    failing: false,
  }));
}

function failingTargets({ target, status }: AttemptRow): Set<number> {
  const balance = new Map<number, number>();
  for (const [index, to] of target.entries()) {
    const answer = status[index] ?? 0;
    if (answer === 429) continue;
    balance.set(to, (balance.get(to) ?? 0) + (answer === 403 || answer === 404 ? 1 : -1));
  }
  return new Set([...balance].filter(([, more]) => more >= 0).map(([to]) => to));
}

/** Those that are left; what followed a read that is gone follows the one before it. */
export function keepReads(reads: Reads, keeps: (read: Read) => boolean): Reads {
  const left: Read[] = [];
  let waitedMs = 0;
  let headMs: number | null = null;
  let begun = false;
  for (const read of reads) {
    if (read.afterMs === null) {
      headMs = read.atMs;
      waitedMs = 0;
      begun = false;
    } else waitedMs += read.afterMs;
    if (!keeps(read)) continue;
    if (begun) left.push({ ...read, afterMs: waitedMs });
    else left.push({ ...read, afterMs: null, atMs: (headMs ?? read.atMs) + waitedMs });
    begun = true;
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

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
