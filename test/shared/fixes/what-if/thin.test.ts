import { expect, test } from 'vitest';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import {
  bundleReads,
  calculateLocally,
  dropFailing,
  readNoneTwice,
  startOnce,
} from '../../../../shared/fixes/what-if/thin.ts';
import { fleetOf, loadRow, member, read, readsOfOnly } from './kit.ts';

const SET = 20;

function wholeSet(atMs: number): Read[] {
  return Array.from({ length: SET }, (_, target) => read(atMs + 30 * target, { target }));
}

test('without its restart loop an instance starts once, and what it read before stays', () => {
  const before = [read(1_000), read(60_000, { target: 2 })];
  const reads = [...before, ...wholeSet(300_000), ...wholeSet(340_000), ...wholeSet(400_000)];
  const fleet = fleetOf(member({ kind: 'reads', reads, spreadMs: 0 }));
  expect(readsOfOnly(startOnce('a')(fleet, reproducible(1))).map(({ atMs }) => atMs)).toEqual([
    ...before.map(({ atMs }) => atMs),
    ...wholeSet(300_000).map(({ atMs }) => atMs),
  ]);
});

test('behind shared addresses as many start once as had started together at first', () => {
  const startsPerSecond = loadRow().sessionStart.with(100, 30).with(105, 10).with(140, 40).with(180, 40);
  const demand = { kind: 'sessions', startsPerSecond, reads: SET, parallel: false, spreadMs: 0 } as const;
  const fleet = fleetOf(member({ ...demand, stepMs: { p50: 20, p90: 40 } }, { row: { addresses: 2 } }));
  const [only] = startOnce('a')(fleet, reproducible(1)).members;
  const kept = only?.demand.kind === 'sessions' ? only.demand.startsPerSecond : [];
  expect([kept[100], kept[105], kept[140], kept[180]]).toEqual([30, 10, 0, 0]);
});

test('what fails is taken away where it was asked for, and what else was asked stays as it came', () => {
  const first = loadRow().first.map((_, second) => (second >= 300 ? 100 : 10));
  const served = first.map(() => 10);
  const fleet = fleetOf(member({ kind: 'arrivals', perSecond: first, piece: null }, { row: { first, served } }));
  const [only] = dropFailing('a')(fleet, reproducible(1)).members;
  const kept = only?.demand.kind === 'arrivals' ? only.demand.perSecond : [];
  expect([kept[100], kept[400]]).toEqual([10, 10]);
});

test('a signature is asked for as ever', () => {
  const reads = [0, 1, 2, 3, 4].map((work) => read(1000 * work, { work, target: work }));
  const fleet = fleetOf(member({ kind: 'reads', reads, spreadMs: 0 }, { row: { class: 'key' } }));
  expect(readsOfOnly(calculateLocally('a')(fleet, reproducible(1))).map(({ work }) => work)).toEqual([0, 1, 4]);
});

test('what many behind one address list and read is read in the first round, and only listed in those after it', () => {
  const rounds = [300, 400, 500];
  const perSecond = loadRow().first.map((_, second) => (rounds.includes(second) ? 1000 : second < 300 ? 1 : 0));
  const uncacheable = loadRow().first.map((_, second) => (rounds.includes(second) ? 40 : 0));
  const miss3600 = loadRow().first.with(300, 50);
  const fleet = fleetOf(member({ kind: 'arrivals', perSecond, piece: null }, { row: { uncacheable, miss3600 } }));
  const [only] = readNoneTwice('a')(fleet, reproducible(1)).members;
  const kept = only?.demand.kind === 'arrivals' ? only.demand.perSecond : [];
  expect([kept[100], kept[300], kept[400], kept[500]]).toEqual([1, 1040, 40, 40]);
});

test('what stands for the bundle is read when its start begins, wherever it stood in it', () => {
  const start = (atMs: number): Read[] =>
    [3, 2, 1].map((target, nth) => read(atMs, { target, afterMs: nth === 0 ? null : 40 }));
  const fleet = fleetOf(member({ kind: 'reads', reads: [...start(1_000), ...start(9_000)], spreadMs: 0 }));
  const left = readsOfOnly(bundleReads('a')(fleet, reproducible(1)));
  expect(left.map(({ atMs, target, afterMs }) => [atMs, target, afterMs])).toEqual([
    [1_000, 1, null],
    [9_000, 1, null],
  ]);
});

test('what fails is taken away inside a storm in which nothing was answered, as before it', () => {
  const first = loadRow().first.map((_, second) => (second >= 300 ? 100 : 10));
  const refused = first.map((count, second) => (second >= 340 ? count : 0));
  const served = first.map((count, second) => (second < 340 ? count / 10 : 0));
  const fleet = fleetOf(
    member({ kind: 'arrivals', perSecond: first, piece: null }, { row: { first, refused, served } }),
  );
  const [only] = dropFailing('a')(fleet, reproducible(1)).members;
  const kept = only?.demand.kind === 'arrivals' ? only.demand.perSecond : [];
  expect(kept[500]).toBeCloseTo(10, 6);
});
