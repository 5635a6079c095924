import { expect, test } from 'vitest';
import type { LoadRow } from '../../../../shared/evidence/load.ts';
import { needsPerSecond } from '../../../../shared/fixes/what-if/needs.ts';
import type { Waits } from '../../../../shared/fixes/what-if/waits.ts';

const SECONDS = 60;

function row(tries: readonly number[], refused: readonly number[]): LoadRow {
  const none = new Array(tries.length).fill(0);
  return {
    caller: 'a',
    class: 'secret',
    fromSecond: 0,
    first: [...tries],
    retry: none,
    served: none,
    refused: [...refused],
    miss60: none,
    miss300: none,
    miss1800: none,
    miss3600: none,
    uncacheable: none,
    sessionStart: none,
    readsPerSessionP50: null,
    stepMsP50: null,
    stepMsP90: null,
    parallelShare: 0,
    gap1Ms: null,
    gap2Ms: null,
    gap3Ms: null,
    gap4Ms: null,
    gap5Ms: null,
    chainLengths: [],
    gaveUpLengths: [],
    hotShare: 1,
    goesOnShare: null,
    addresses: 1,
    challenges: 0,
  };
}

/** Tries and refusals per second of a steady stream of needs, of which a share is refused at each try. */
function observed(needs: number, refusedShare: number, waits: Waits): { tries: number[]; refused: number[] } {
  const tries = new Array<number>(SECONDS).fill(0);
  const plan = (second: number, refusals: number, count: number): void => {
    const bin = tries[second];
    if (bin === undefined || count < 1e-9) return;
    tries[second] = bin + count;
    const again = count * refusedShare * (1 - waits.quitShare(refusals + 1));
    plan(second + Math.round(waits.meanMs(refusals + 1) / 1000), refusals + 1, again);
  };
  for (let second = 0; second < SECONDS; second++) plan(second, 0, needs);
  return { tries, refused: tries.map((count) => count * refusedShare) };
}

const jitter = { low: 1, high: 1 };

test.each<[string, number, Waits]>([
  ['nothing is refused', 0, { meanMs: () => 1000, jitter, quitShare: () => 0 }],
  ['retries come whole seconds later', 0.5, { meanMs: (n) => 1000 * n, jitter, quitShare: (n) => (n > 3 ? 1 : 0) }],
  ['retries come within the second', 0.6, { meanMs: () => 0, jitter, quitShare: () => 0 }],
  ['the client never retries', 0.9, { meanMs: () => 0, jitter, quitShare: () => 1 }],
])('finds the needs behind the tries when %s', (_what, refusedShare, waits) => {
  const { tries, refused } = observed(100, refusedShare, waits);
  const needs = needsPerSecond(row(tries, refused), waits);
  for (const count of needs) expect(count).toBeCloseTo(100, 0);
});

test('counts what a piece of work would have read, had it not ended with what was given up', () => {
  // Ten pieces a second of three reads, of which half is refused for good: 10 first ones, 5 second ones and 2.5 third ones.
  const tries = new Array<number>(SECONDS).fill(17.5);
  const waits: Waits = { meanMs: () => 0, jitter, quitShare: () => 1 };
  const half = tries.map((count) => count / 2);
  for (const count of needsPerSecond(row(tries, half), waits, 3)) expect(count).toBeCloseTo(30, 3);
  for (const count of needsPerSecond(row(tries, half), waits, 2)) expect(count).toBeCloseTo((17.5 / 1.5) * 2, 3);
});

test('finds none where nobody asks, and never fewer than none', () => {
  const waits: Waits = { meanMs: () => 1000, jitter, quitShare: () => 0 };
  expect(needsPerSecond(row([0, 0, 0], [0, 0, 0]), waits)).toEqual([0, 0, 0]);
  expect(Math.min(...needsPerSecond(row([10, 1, 1], [10, 0, 0]), waits))).toBeGreaterThanOrEqual(0);
});
