import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTEMPT_WORK } from '../../../../shared/evidence/attempts.ts';
import { needsOf } from '../../../../shared/fixes/what-if/chains.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import { keepReads, type Read, readsOf } from '../../../../shared/fixes/what-if/reads.ts';
import { read, triesRow as row, type Try } from './kit.ts';

function readsFrom(tries: readonly Try[], goesOn = true): readonly Read[] {
  const own = row(tries);
  return readsOf(own, needsOf(own), goesOn);
}

describe('tries of one need', () => {
  test('belong together from refusal to answer', () => {
    const needs = needsOf(row([{ at: 0, status: 429 }, { at: 800, status: 429 }, { at: 2_400 }, { at: 3_000 }]));
    expect(needs.map(({ firstMs, lastMs, gapsMs }) => [firstMs, lastMs, gapsMs])).toEqual([
      [0, 2_400, [800, 1_600]],
      [3_000, 3_000, []],
    ]);
  });

  test.each([
    ['another address', { address: 2 }],
    ['another target', { target: 2 }],
    ['after more than two minutes', { at: 121_000 }],
  ])('are another need when they come from %s', (_what, more) => {
    expect(
      needsOf(
        row([
          { at: 0, status: 429 },
          { at: 800, ...more },
        ]),
      ),
    ).toHaveLength(2);
  });

  test('end where the next comes far later than this caller waits', () => {
    const quick = Array.from({ length: 10 }, (_, index): Try[] => [
      { at: index, target: index, status: 429 },
      { at: index + 100, target: index, status: 429 },
    ]).flat();
    const again = Array.from({ length: 10 }, (_, index): Try => ({ at: 60_000 + index, target: index }));
    expect(needsOf(row([...quick, ...again]))).toHaveLength(20);
  });

  test('are not those that come far sooner than this caller waits: another at its address wants the same', () => {
    const steady = Array.from({ length: 20 }, (_, index): Try[] => [
      { at: 5_000 * index, target: index, status: 429 },
      { at: 5_000 * index + 800, target: index },
    ]).flat();
    const two: Try[] = [{ at: 200_000, status: 429 }, { at: 200_300, status: 429 }, { at: 200_800 }, { at: 201_100 }];
    const needs = needsOf(row([...steady, ...two])).slice(20);
    expect(needs.map(({ firstMs, lastMs }) => [firstMs, lastMs])).toEqual([
      [200_000, 200_800],
      [200_300, 201_100],
    ]);
  });
});

describe('reads', () => {
  test('follow each other where each comes as soon as the one before was served', () => {
    const reads = readsFrom([
      { at: 0, target: 1 },
      { at: 20, target: 2 },
      { at: 40, target: 3, status: 429 },
      { at: 900, target: 3 },
      { at: 920, target: 4 },
    ]);
    expect(reads.map(({ afterMs }) => afterMs)).toEqual([null, 20, 20, 20]);
  });

  test('begin anew after a pause, and where they overlap', () => {
    expect(readsFrom([{ at: 0 }, { at: 60_000 }]).map(({ afterMs }) => afterMs)).toEqual([null, null]);
    expect(
      readsFrom([
        { at: 0, target: 1 },
        { at: 2, target: 2 },
      ]).map(({ afterMs }) => afterMs),
    ).toEqual([null, null]);
  });

  test('of work that comes by chance do not wait for each other', () => {
    const random = reproducible(7);
    const tries: Try[] = [];
    for (let at = 0; tries.length < 200; at += 6 - 120 * Math.log(1 - random()))
      tries.push({ at, target: tries.length });
    expect(readsFrom(tries).every(({ afterMs }) => afterMs === null)).toBe(true);
  });

  test('of a crowd at one address that come by chance do not wait for each other, though the longest waits alike', () => {
    const random = reproducible(7);
    const tries: Try[] = [];
    for (let at = 0; tries.length < 3_000; at += 2 * Math.log(1 / (1 - random())))
      tries.push({ at, target: tries.length });
    expect(readsFrom(tries).every(({ afterMs }) => afterMs === null)).toBe(true);
  });

  test('of a crowd at one address of which each goes on after its own answer do wait', () => {
    const random = reproducible(7);
    const tries = Array.from({ length: 8 }, (_, worker) => {
      const own: Try[] = [];
      for (let at = 10 * worker; at < 40_000; at += 5 + 100 * (0.7 + 0.6 * random()))
        own.push({ at, target: 1_000 * worker + own.length });
      return own;
    }).flat();
    const flows = readsFrom(tries).filter(({ afterMs }) => afterMs === null);
    expect(flows.length).toBeLessThan(40);
  });

  test('that a list names come along with the first of them, once the list was served', () => {
    const listing = (at: number): Try[] => [
      { at, target: 0, work: ATTEMPT_WORK.list },
      ...[1, 2, 3, 4].map((target) => ({ at: at + 6, target })),
    ];
    const told = (reads: readonly Read[]): unknown => reads.map(({ afterMs, alongside }) => [afterMs, alongside]);
    const whole = [
      [null, false],
      [6, false],
      [0, true],
      [0, true],
      [0, true],
    ];
    expect(told(readsFrom([...listing(0), ...listing(60_000)]))).toEqual([...whole, ...whole]);
    // Of a list that was given up all that it would have named is missing.
    const refused: Try = { at: 120_000, target: 0, work: ATTEMPT_WORK.list, status: 429 };
    const reads = readsFrom([...listing(0), ...listing(60_000), refused], false);
    expect(reads.slice(10).map(({ target, alongside }) => [target, alongside])).toEqual([
      [0, false],
      [1, false],
      [2, true],
      [3, true],
      [4, true],
    ]);
  });

  test('that a start never came to, because one was given up, are wanted too', () => {
    const whole = (address: number): Try[] =>
      Array.from({ length: 10 }, (_, index) => ({ at: address * 1_000 + 20 * index, address, target: index }));
    const tries = [
      ...whole(1),
      ...whole(2),
      { at: 5_000, address: 3, target: 0 },
      { at: 5_020, address: 3, target: 1, status: 429 },
    ];
    expect(readsFrom(tries, true)).toHaveLength(22);
    expect(readsFrom(tries, false)).toHaveLength(30);
  });

  test('are failing where their target is mostly answered 403 or 404', () => {
    const reads = readsFrom([
      { at: 0, target: 1, status: 403 },
      { at: 9_000, target: 2 },
      { at: 20_000, target: 1, status: 429 },
    ]);
    expect(reads.map(({ failing }) => failing)).toEqual([true, false, true]);
  });
});

test('what is left when reads are taken away comes neither later nor in another order', () => {
  const flow = (atMs: number, steps: readonly number[]): Read[] =>
    [null, ...steps].map((afterMs, index) => ({
      atMs,
      afterMs,
      alongside: false,
      tookMs: 0,
      address: 1,
      target: index,
      work: 0,
      failing: false,
    }));
  const times = (reads: readonly Read[]): number[] => {
    let at = 0;
    return reads.map((read) => {
      at = read.afterMs === null ? read.atMs : at + read.afterMs;
      return at;
    });
  };
  void fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(10_000), fc.array(fc.nat(500), { maxLength: 8 })), { maxLength: 6 }),
      fc.func(fc.boolean()),
      (flows, keeps) => {
        const reads = flows.flatMap(([atMs, steps]) => flow(atMs, steps));
        const before = times(reads);
        const kept = reads.map((read, index) => keeps(index, read.target));
        let index = 0;
        const left = keepReads(reads, () => kept[index++] ?? false);
        expect(times(left)).toEqual(before.filter((_, at) => kept[at]));
      },
    ),
  );
});

test('of what is asked together the first that is left waits for what the first of all waited for', () => {
  const together = [
    read(0, { tookMs: 10 }),
    read(16, { target: 2, afterMs: 16, tookMs: 10 }),
    read(17, { target: 3, afterMs: 1, alongside: true }),
    read(19, { target: 4, afterMs: 2, alongside: true }),
  ];
  const left = keepReads(together, ({ target }) => target !== 2);
  expect(left.map(({ afterMs, alongside }) => [afterMs, alongside])).toEqual([
    [null, false],
    [17, false],
    [2, true],
  ]);
});

test('what follows a read that is gone comes sooner by as much as that took', () => {
  const flow = [null, 40, 40, 40].map(
    (afterMs, target): Read => ({
      ...{ atMs: 1_000, afterMs, alongside: false, tookMs: 15, address: 1, target, work: 0, failing: false },
    }),
  );
  const left = keepReads(flow, ({ target }) => target !== 1 && target !== 2);
  expect(left.map(({ atMs, afterMs }) => afterMs ?? atMs)).toEqual([1_000, 120 - 2 * 15]);
  expect(keepReads(flow, ({ target }) => target > 0)[0]?.atMs).toBe(1_000 + 40 - 15);
});
