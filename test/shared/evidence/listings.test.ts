import { expect, test } from 'vitest';
import { listings } from '../../../shared/evidence/listings.ts';
import { type Asked, ask, FROM, line } from './kit.ts';

/** A list, then each of these read once, half a second apart. */
function runThrough(at: number, names: readonly string[], asked: Partial<Asked> = {}): string[] {
  return [
    line({ ...asked, at, operation: 'SecretList', secret: '' }),
    ...names.map((secret, index) => line({ ...asked, at: at + (index + 1) / 2, secret })),
  ];
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`);
}

test('listings counts lists that are followed by reads of what they named, one by one', async () => {
  const [row] = await ask(listings, [
    ...runThrough(0, names(20)),
    ...runThrough(100, names(30)),
    ...runThrough(50, names(10), { address: '10.0.0.2' }),
    line({ at: 400, appId: 'reads-only' }),
  ]);
  expect(row).toMatchObject({
    caller: 'app-a',
    lists: 3,
    servedLists: 3,
    reads: 60,
    servedReads: 60,
    targets: 30,
    runs: 3,
    runReads: 60,
    runTargets: 20,
    runTargetsMost: 30,
    addresses: 2,
  });
  expect(row?.firstMs).toBeCloseTo(Date.parse(FROM), -1);
});

test('each page of a list that is read before the next is a run', async () => {
  const pages = [0, 1, 2].flatMap((page) =>
    runThrough(
      30 * page,
      names(25).map((name) => `${page}-${name}`),
    ),
  );
  const [row] = await ask(listings, pages);
  expect(row).toMatchObject({ lists: 3, runs: 3, runTargets: 25, runReads: 75 });
});

test('reads that were refused and asked again still are one by one', async () => {
  const [row] = await ask(listings, [
    ...runThrough(0, names(6)),
    ...names(6).flatMap((secret, index) =>
      [0, 1, 2].map((attempt) => line({ at: 4 + index / 10 + 2 ** attempt, secret, status: 429 })),
    ),
  ]);
  expect(row).toMatchObject({ runs: 1, runTargets: 6, runReads: 24 });
});

test.each([
  ['fewer than five', runThrough(0, names(4))],
  ['the same few again and again', [0, 1, 2].flatMap((round) => runThrough(0, names(6)).slice(round === 0 ? 0 : 1))],
  ['much later', [line({ at: 0, operation: 'SecretList' }), ...names(10).map((secret) => line({ at: 61, secret }))]],
  [
    'by another address',
    [
      line({ at: 0, operation: 'SecretList' }),
      ...names(10).map((secret) => line({ at: 1, secret, address: '10.0.0.2' })),
    ],
  ],
])('a list that is followed by reads of %s is no run', async (_what, lines) => {
  const [row] = await ask(listings, lines);
  expect(row).toMatchObject({ lists: 1, runs: 0, runReads: 0 });
});

test('reads count as even where their target is read about as often as the middle one, refused tries left out', async () => {
  const [row] = await ask(listings, [
    line({ at: 0, operation: 'SecretList', status: 429 }),
    line({ at: 1, operation: 'SecretList' }),
    ...[2, 2, 3, 1, 4].flatMap((times, target) =>
      Array.from({ length: times }, (_, time) => line({ at: 2 + time, secret: `s${target}` })),
    ),
    line({ at: 9, secret: 's0', status: 429 }),
  ]);
  expect(row).toMatchObject({ lists: 2, servedLists: 1, reads: 13, servedReads: 12, targets: 5, evenReads: 8 });
});

test('who lists nothing has no row', async () => {
  expect(
    await ask(
      listings,
      names(10).map((secret, at) => line({ at, secret })),
    ),
  ).toEqual([]);
});
