import { expect, test } from 'vitest';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import { calculateLocally, dropFailing, startOnce } from '../../../../shared/fixes/what-if/thin.ts';
import { fleetOf, loadRow, member, read, readsOfOnly } from './kit.ts';

const SET = 20;

function wholeSet(atMs: number): Read[] {
  return Array.from({ length: SET }, (_, target) => read(atMs + 30 * target, { target }));
}

test('without its restart loop an instance starts once, and what it read before stays', () => {
  const before = [read(1_000), read(60_000, { target: 2 })];
  const reads = [...before, ...wholeSet(300_000), ...wholeSet(340_000), ...wholeSet(400_000)];
  const fleet = fleetOf(member({ kind: 'reads', reads, knownForMs: 0, spreadMs: 0 }));
  expect(readsOfOnly(startOnce('a')(fleet)).map(({ atMs }) => atMs)).toEqual([
    ...before.map(({ atMs }) => atMs),
    ...wholeSet(300_000).map(({ atMs }) => atMs),
  ]);
});

test('behind shared addresses as many start once as had started together at first', () => {
  const startsPerSecond = loadRow().sessionStart.with(100, 30).with(105, 10).with(140, 40).with(180, 40);
  const demand = { kind: 'sessions', startsPerSecond, reads: SET, parallel: false, spreadMs: 0 } as const;
  const fleet = fleetOf(member({ ...demand, stepMs: { p50: 20, p90: 40 } }, { row: { addresses: 2 } }));
  const [only] = startOnce('a')(fleet).members;
  const kept = only?.demand.kind === 'sessions' ? only.demand.startsPerSecond : [];
  expect([kept[100], kept[105], kept[140], kept[180]]).toEqual([30, 10, 0, 0]);
});

test('what fails is taken away where it was asked for, and what else was asked stays as it came', () => {
  const first = loadRow().first.map((_, second) => (second >= 300 ? 100 : 10));
  const served = first.map(() => 10);
  const fleet = fleetOf(member({ kind: 'arrivals', perSecond: first }, { row: { first, served } }));
  const [only] = dropFailing('a')(fleet).members;
  const kept = only?.demand.kind === 'arrivals' ? only.demand.perSecond : [];
  expect([kept[100], kept[400]]).toEqual([10, 10]);
});

test('a signature is asked for as ever', () => {
  const reads = [0, 1, 2, 3, 4].map((work) => read(1000 * work, { work, target: work }));
  const fleet = fleetOf(member({ kind: 'reads', reads, knownForMs: 0, spreadMs: 0 }, { row: { class: 'key' } }));
  expect(readsOfOnly(calculateLocally('a')(fleet)).map(({ work }) => work)).toEqual([0, 1, 4]);
});
