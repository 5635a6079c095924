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
  /** By address, then by target: a text of both would have to be made for each try. */
  const open = new Map<number, Map<number, Need>>();
  for (let index = 0; index < atMs.length; index++) {
    const at = atMs[index] ?? 0;
    const from = address[index] ?? 0;
    const to = target[index] ?? 0;
    const answer = status[index] ?? 0;
    const doneMs = at + (durationMs[index] ?? 0);
    const here = open.get(from) ?? new Map<number, Need>();
    const known = here.get(to);
    if (known !== undefined && known.status === 429 && at - known.lastMs <= longestMs(known.gapsMs.length + 1)) {
      known.gapsMs.push(at - known.lastMs);
      known.lastMs = at;
      known.doneMs = doneMs;
      known.status = answer;
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
    here.set(to, need);
    open.set(from, here);
    needs.push(need);
  }
  return needs;
}
