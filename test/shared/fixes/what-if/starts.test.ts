import { expect, test } from 'vitest';
import { ATTEMPT_WORK } from '../../../../shared/evidence/attempts.ts';
import { TOGETHER_MS } from '../../../../shared/fixes/what-if/flows.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import { beginningsOf, startsOf } from '../../../../shared/fixes/what-if/starts.ts';
import { member, read } from './kit.ts';

const SET = 20;

function wholeSet(atMs: number, address = 1): Read[] {
  return Array.from({ length: SET }, (_, target) => read(atMs + 30 * target, { address, target }));
}

function starter(reads: readonly Read[], challenges: number): ReturnType<typeof member> {
  return member({ kind: 'reads', reads, spreadMs: 0 }, { row: { challenges }, habits: { setSize: SET } });
}

test('a beginning is where much of the set is read within seconds, not where it is refreshed one by one', () => {
  const refreshed = Array.from({ length: SET }, (_, target) => read(10_000 * target, { target }));
  const reads = [...refreshed, ...wholeSet(300_000), ...wholeSet(400_000)];
  expect([...beginningsOf(reads)]).toEqual([[1, [300_000, 400_000]]]);
  expect(beginningsOf(refreshed).size).toBe(0);
});

test('instances behind one address that begin within seconds of each other are one beginning', () => {
  expect(beginningsOf([...wholeSet(0), ...wholeSet(TOGETHER_MS / 2)]).get(1)).toEqual([0]);
  expect([...beginningsOf([...wholeSet(0), ...wholeSet(5_000, 2)]).keys()]).toEqual([1, 2]);
});

test('small sets are read whole by any piece of work, which begins nothing', () => {
  const reads = [0, 1, 2, 3, 4].map((target) => read(10 * target, { target }));
  expect(beginningsOf(reads).size).toBe(0);
});

test.each<[string, number, Read[], boolean]>([
  ['a challenge each', 2, [...wholeSet(0), ...wholeSet(100_000)], true],
  ['no challenge', 0, [...wholeSet(0), ...wholeSet(100_000)], false],
  ['a challenge for the first of many', 1, [0, 1, 2, 3].flatMap((round) => wholeSet(round * 60_000)), false],
  ['a challenge for each call', 40, [...wholeSet(0), ...wholeSet(100_000)], false],
  [
    'a challenge each, and lists',
    2,
    [read(0, { work: ATTEMPT_WORK.list, target: 99 }), ...wholeSet(0), ...wholeSet(100_000)],
    false,
  ],
])('beginnings with %s are starts of processes: %#', (_what, challenges, reads, areStarts) => {
  expect(startsOf(starter(reads, challenges), reads).size > 0).toBe(areStarts);
});
