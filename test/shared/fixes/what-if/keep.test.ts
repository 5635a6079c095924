import { expect, test } from 'vitest';
import { ATTEMPT_WORK } from '../../../../shared/evidence/attempts.ts';
import { keepFor } from '../../../../shared/fixes/what-if/keep.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import type { Read } from '../../../../shared/fixes/what-if/reads.ts';
import { fleetOf, loadRow, member, read, readsOfOnly } from './kit.ts';

const SET = 20;
const HOUR_MS = 3_600_000;

function left(
  reads: readonly Read[],
  more: { challenges?: number; knownForMs?: number; askedBefore?: readonly number[]; seed?: number } = {},
): number {
  const { challenges = 0, knownForMs = 0, askedBefore = [], seed = 1 } = more;
  const refused = loadRow().refused.with(300, 9);
  const fleet = fleetOf(
    member(
      { kind: 'reads', reads, spreadMs: 0 },
      { row: { challenges, refused }, habits: { setSize: SET, askedBefore }, knownForMs },
    ),
  );
  return readsOfOnly(keepFor('a', 3600)(fleet, reproducible(seed))).length;
}

function wholeSet(atMs: number): Read[] {
  return Array.from({ length: SET }, (_, target) => read(atMs + 30 * target, { target }));
}

/** So many addresses that each read the same thing every ten seconds for ten minutes. */
const REGULAR = Array.from({ length: 400 }, (_, address) =>
  Array.from({ length: 60 }, (_each, turn) => read(10_000 * turn + address, { address })),
).flat();

test('a process that was there holds what it reads all the time: as much of it is due as of an hour has passed', () => {
  // When each is due is left to chance; of 400, for ten minutes of an hour, 67 are in the mean.
  const mean = (more: Parameters<typeof left>[1]): number =>
    [1, 2, 3, 4, 5].reduce((sum, seed) => sum + left(REGULAR, { ...more, seed }), 0) / 5;
  expect(mean({})).toBeGreaterThan(58);
  expect(mean({})).toBeLessThan(76);
  // The log going back further changes nothing about that.
  expect(mean({ knownForMs: HOUR_MS, askedBefore: new Array(360).fill(400) })).toBeLessThan(76);
});

test('what was not asked for in the hour before is no longer held', () => {
  const rare = Array.from({ length: 400 }, (_, address) => [
    read(310_000, { address }),
    read(320_000, { address }),
  ]).flat();
  expect(left(rare, { knownForMs: 1.1 * HOUR_MS })).toBe(400);
  expect(left(rare, { knownForMs: 0 })).toBeLessThan(60);
});

test('a process that starts holds nothing, and then all that it has read', () => {
  const work = Array.from({ length: 3 * SET }, (_, index) => read(320_000 + 4_000 * index, { target: index % SET }));
  const starts = [...wholeSet(300_000), ...work];
  expect(left(starts, { challenges: 1 })).toBe(SET);
  expect(left(starts)).toBeLessThan(SET / 2);
});

test('of several behind one address, who lists reads what another one there has read', () => {
  const list = read(300_000, { target: 99, work: ATTEMPT_WORK.list });
  const two = [list, ...[0, 1_000].flatMap((atMs) => wholeSet(300_000 + atMs))];
  const known = { knownForMs: 1.1 * HOUR_MS };
  expect(left(two, known)).toBe(1 + 2 * SET);
  expect(left([...two, ...wholeSet(400_000), ...wholeSet(401_000)], known)).toBe(1 + 2 * SET);
  expect(left(two.slice(1), known)).toBe(SET);
});

test("what is nobody's fault in particular is kept by those who ask for much", () => {
  const often = Array.from({ length: 98 }, (_, index) => read(1000 * index));
  const row = (caller: string, first: number) => ({ caller, first: loadRow().first.with(0, first) });
  const fleet = fleetOf(
    { ...member({ kind: 'reads', reads: often, spreadMs: 0 }, { row: row('a', 99) }), caller: 'a' },
    {
      ...member({ kind: 'reads', reads: [read(0), read(9)], spreadMs: 0 }, { row: row('b', 1) }),
      caller: 'b',
    },
  );
  const kept = keepFor(null, 3600)(fleet, reproducible(1)).members.map(({ demand }) =>
    demand.kind === 'reads' ? demand.reads.length : null,
  );
  expect(kept[0]).toBeLessThan(3);
  expect(kept[1]).toBe(2);
});

test('a start behind a shared address reads its whole set, cache or not', () => {
  const startsPerSecond = loadRow().sessionStart.with(300, 40);
  const first = loadRow().first.with(300, 40 * SET);
  const sessions = { kind: 'sessions', startsPerSecond, reads: SET, parallel: false, spreadMs: 0 } as const;
  const starter = member(
    { ...sessions, stepMs: { p50: 20, p90: 40 } },
    {
      row: { first, challenges: 40, addresses: 2, miss3600: loadRow().first.with(300, 2 * SET) },
      habits: { setSize: SET },
    },
  );
  expect(keepFor('a', 3600)(fleetOf(starter), reproducible(1)).members).toEqual([starter]);
  // Who comes back after an outage still holds what it had read.
  const [back] = keepFor(null, 3600)(fleetOf({ ...starter, knownForMs: HOUR_MS / 2 }), reproducible(1)).members;
  const reads = back?.demand.kind === 'sessions' ? back.demand.reads : 0;
  expect(reads).toBeGreaterThan(0.4 * SET);
  expect(reads).toBeLessThan(0.8 * SET);
});
