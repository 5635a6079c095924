import { expect, test } from 'vitest';
import { keepFor } from '../../../../shared/fixes/what-if/keep.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import { fleetOf, loadRow, member, read, readsOfOnly } from './kit.ts';

const SET = 20;
const HOUR_MS = 3_600_000;

function left(
  reads: readonly Read[],
  more: { challenges?: number; knownForMs?: number; hourBefore?: number } = {},
): number {
  const { challenges = 0, knownForMs = 0, hourBefore = 0 } = more;
  const refused = loadRow().refused.with(300, 9);
  const fleet = fleetOf(
    member(
      { kind: 'reads', reads, knownForMs, spreadMs: 0 },
      { row: { challenges, refused }, habits: { setSize: SET, hourBefore } },
    ),
  );
  return readsOfOnly(keepFor('a', 3600)(fleet)).length;
}

function wholeSet(atMs: number): Read[] {
  return Array.from({ length: SET }, (_, target) => read(atMs + 30 * target, { target }));
}

/** So many addresses that each read the same thing every ten seconds for ten minutes. */
const REGULAR = Array.from({ length: 400 }, (_, address) =>
  Array.from({ length: 60 }, (_each, turn) => read(10_000 * turn + address, { address })),
).flat();

test('a process that was there holds what it reads all the time: as much of it is due as of an hour has passed', () => {
  expect(left(REGULAR)).toBeGreaterThan(55);
  expect(left(REGULAR)).toBeLessThan(80);
  // The log going back further changes nothing about that.
  expect(left(REGULAR, { knownForMs: HOUR_MS, hourBefore: 400 * 360 })).toBeLessThan(80);
});

test('what was not asked for in the hour before is no longer held', () => {
  const rare = Array.from({ length: 400 }, (_, address) => [
    read(310_000, { address }),
    read(320_000, { address }),
  ]).flat();
  expect(left(rare, { knownForMs: 1.1 * HOUR_MS, hourBefore: 0 })).toBe(400);
  expect(left(rare, { knownForMs: 0 })).toBeLessThan(60);
});

test('a process that starts holds nothing, and then all that it has read', () => {
  const work = Array.from({ length: 3 * SET }, (_, index) => read(320_000 + 4_000 * index, { target: index % SET }));
  const starts = [...wholeSet(300_000), ...work];
  expect(left(starts, { challenges: 1 })).toBe(SET);
  expect(left(starts)).toBeLessThan(SET / 2);
});
