import type { AttemptRow } from '../../evidence/attempts.ts';
import { quantile } from './quantile.ts';

/** A refusal and the next try of the same address and target belong together when no more than this lies between. */
const CHAIN_GAP_MS = 120_000;
/** A wait so many times the usual one, and at least so long, is none of a client's. */
const NEW_NEED_FACTOR = 4;
const NEW_NEED_MS = 10_000;
/** Waits are told one by one for so many refusals, as far as this many were seen. */
const GAPS_MAX = 8;
const GAPS_MIN = 5;
/** Clients that jitter by a fifth or so wait no less than this part of their usual wait. */
const SOON_SHARE = 0.6;
/** Waits are steady when more than half of them lie this near the usual one: with full jitter a fourth does. */
const NEAR_SHARE = 0.25;
const STEADY_SHARE = 0.5;

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

/**
 * Tries of one need until it is served, given up or answered otherwise, in order of the first. What comes far later than a
 * client of this caller waits is a new need: it was given up, and wanted again. What comes far sooner, where its clients wait
 * steadily, is another's behind the same address.
 */
export function needsOf(row: AttemptRow): Need[] {
  const loose = chainTries(row, { soonestMs: () => 0, longestMs: () => CHAIN_GAP_MS });
  const usualMs = usualGapsMs(loose);
  const soonestMs = usualMs.map((gapMs, refusals) => (isSteady(loose, refusals, gapMs) ? SOON_SHARE * gapMs : 0));
  const longestMs = usualMs.map((gapMs) => Math.min(CHAIN_GAP_MS, longestAfter(gapMs)));
  const nth = (refusals: number): number => Math.min(refusals, usualMs.length) - 1;
  return chainTries(row, {
    soonestMs: (refusals) => soonestMs[nth(refusals)] ?? 0,
    longestMs: (refusals) => longestMs[nth(refusals)] ?? longestAfter(),
  });
}

/** Whether the waits after a first or second refusal are about the same each time, so that a client's own are seen. */
export function waitSteadily(needs: readonly Need[]): boolean {
  return usualGapsMs(needs).some((gapMs, refusals) => refusals < 2 && isSteady(needs, refusals, gapMs));
}

/** Each try as a need of its own, as of a client that never tries again by itself. */
export function eachTry(row: AttemptRow): Need[] {
  return chainTries(row, { soonestMs: () => 0, longestMs: () => -1 });
}

/** Whether most waits after so many refusals lie about the usual one, as those of clients with little jitter do. */
function isSteady(needs: readonly Need[], refusals: number, usualMs: number): boolean {
  const gaps = needs.flatMap(({ gapsMs }) => gapsMs[refusals] ?? []);
  const near = gaps.filter((gapMs) => Math.abs(gapMs - usualMs) <= NEAR_SHARE * usualMs);
  return near.length > STEADY_SHARE * gaps.length;
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

/** How long a client waits at least and at most after so many refusals in a row. */
type WaitBounds = { soonestMs: (refusals: number) => number; longestMs: (refusals: number) => number };

function chainTries(
  { atMs, address, target, status, durationMs, work }: AttemptRow,
  { soonestMs, longestMs }: WaitBounds,
): Need[] {
  const needs: Need[] = [];
  /** What was refused last, by address, then by target: a text of both would have to be made for each try. */
  const refused = new Map<number, Map<number, Need[]>>();
  for (let index = 0; index < atMs.length; index++) {
    const at = atMs[index] ?? 0;
    const from = address[index] ?? 0;
    const to = target[index] ?? 0;
    const answer = status[index] ?? 0;
    const doneMs = at + (durationMs[index] ?? 0);
    const here = refused.get(from) ?? new Map<number, Need[]>();
    const open = here.get(to) ?? [];
    let known: Need | null = null;
    // In place; of several the one that has waited longest comes first.
    let left = 0;
    for (const need of open) {
      const waitedMs = at - need.lastMs;
      const refusals = need.gapsMs.length + 1;
      if (waitedMs > longestMs(refusals)) continue;
      if (known === null && waitedMs >= soonestMs(refusals)) known = need;
      else open[left++] = need;
    }
    open.length = left;
    if (known === null) {
      known = {
        gapsMs: [],
        firstMs: at,
        lastMs: at,
        doneMs,
        status: answer,
        address: from,
        target: to,
        work: work[index] ?? 0,
      };
      needs.push(known);
    } else {
      known.gapsMs.push(at - known.lastMs);
      known.lastMs = at;
      known.doneMs = doneMs;
      known.status = answer;
    }
    if (answer !== 429) continue;
    open.push(known);
    here.set(to, open);
    refused.set(from, here);
  }
  return needs;
}
