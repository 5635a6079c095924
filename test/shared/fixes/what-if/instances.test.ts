import { expect, test } from 'vitest';
import { ATTEMPT_WORK } from '../../../../shared/evidence/attempts.ts';
import { instancesOf, refreshedEvery } from '../../../../shared/fixes/what-if/instances.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import { read } from './kit.ts';

const EVERY_MS = 60_000;
const LASTS_MS = 600_000;
const TARGETS = 12;

/** So many instances behind one address, each of which reads each thing again after a minute, a tenth early or late. */
function refreshing(instances: number): Read[] {
  const random = reproducible(11);
  const reads: Read[] = [];
  for (let instance = 0; instance < instances; instance++)
    for (let target = 0; target < TARGETS; target++)
      for (let at = EVERY_MS * random(); at < LASTS_MS; at += EVERY_MS * (0.9 + 0.2 * random()))
        reads.push(read(at, { target }));
  return reads.sort((a, b) => a.atMs - b.atMs);
}

function chance(count: number): Read[] {
  const random = reproducible(12);
  return Array.from({ length: count }, () =>
    read(LASTS_MS * random(), { target: Math.floor(TARGETS * random()) }),
  ).sort((a, b) => a.atMs - b.atMs);
}

test.each([1, 2, 5, 20])(
  'the interval of %i instances behind one address shows, and how many they are',
  (instances) => {
    const reads = refreshing(instances);
    const everyMs = refreshedEvery(reads) ?? 0;
    expect(Math.abs(everyMs - EVERY_MS)).toBeLessThan(0.1 * EVERY_MS);
    const instanceOf = instancesOf(reads, everyMs);
    const told = new Map<number, number>();
    for (const each of reads) told.set(each.target, Math.max(told.get(each.target) ?? 0, 1 + instanceOf(each)));
    const mean = [...told.values()].reduce((sum, count) => sum + count, 0) / TARGETS;
    expect(mean).toBeGreaterThan(0.8 * instances);
    expect(mean).toBeLessThan(1.3 * instances + 1);
  },
);

test('work that comes by chance has no interval, and what reads it is taken for one', () => {
  const reads = chance(2_000);
  expect(refreshedEvery(reads)).toBeNull();
  expect(new Set(reads.map(instancesOf(reads, null)))).toEqual(new Set([0]));
});

test('of those who list, the n-th read of a thing in a round is the n-th instance', () => {
  const reads = [
    read(0, { target: 0, work: ATTEMPT_WORK.list }),
    ...[10, 400, 900, 60_000, 60_300].map((atMs) => read(atMs)),
  ];
  expect(reads.slice(1).map(instancesOf(reads, null))).toEqual([0, 1, 2, 0, 1]);
});
