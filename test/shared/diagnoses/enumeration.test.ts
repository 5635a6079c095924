import { beforeAll, expect, test } from 'vitest';
import { enumeration } from '../../../shared/diagnoses/enumeration.ts';
import type { Cell, Evidence } from '../../../shared/model.ts';
import { changed, diagnoseBy, ofCaller, without } from './kit.ts';
import { evidenceOf, type Offer, quiet, served, sharing } from './lanes.ts';

/** Each address lists, then reads everything one by one, and begins again at once. */
function runThrough(rounds: number, names: number): Offer[] {
  return Array.from({ length: 4 }, (_, host) =>
    Array.from({ length: rounds }, (_each, round) =>
      Array.from(
        { length: names + 1 },
        (_name, index): Offer => ({
          at: 600 + round * 30 + host * 5 + index / 40,
          appId: 'lister',
          address: `10.0.7.${host}`,
          operation: index === 0 ? 'SecretList' : 'SecretGet',
          secret: index === 0 ? '' : `s${index}`,
        }),
      ),
    ),
  ).flat(2);
}

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf(served([...quiet(), ...runThrough(4, 120)], { secret: 180 }));
});

test('who lists and then reads one by one, again and again, is the cause from its first list on', () => {
  expect(diagnoseBy(enumeration, evidence)).toMatchObject([
    {
      caller: { id: 'lister' },
      role: 'trigger',
      verdict: 'confirmed',
      onset: '2026-01-05T10:10:00.000Z',
      summary: 'lists the vault and reads 120 one by one, 4 times',
    },
  ]);
});

/** Sixty things, each list followed by its reads, so many runs from each of four addresses. */
const SEEN = { targets: 60, runTargets: 60, addresses: 4, reads: 1_000, runReads: 500 };
/** The same behind shared addresses, where the lists of others stand between. */
const MIXED = { ...SEEN, runs: 0, runReads: 0, servedLists: 24, servedReads: 600, evenReads: 480 };

test.each<[string, Record<string, Cell>, number]>([
  ['twice from each address', { ...SEEN, runs: 8 }, 1],
  ['once or twice, as when an application starts', { ...SEEN, runs: 7 }, 0],
  ['page by page, twice', { ...SEEN, runs: 24, runTargets: 20 }, 1],
  ['page by page, hardly twice', { ...SEEN, runs: 23, runTargets: 20 }, 0],
  ['once over two hundred things', { ...SEEN, runs: 4, targets: 200, runTargets: 200 }, 1],
  ['once over as many, by a fleet that starts', { ...SEEN, runs: 12, addresses: 10, targets: 200, runTargets: 200 }, 0],
  ['once over as many, by fewer', { ...SEEN, runs: 9, addresses: 9, targets: 200, runTargets: 200 }, 1],
  ['by a fleet, some for the second time', { ...SEEN, runs: 13, addresses: 10, targets: 200, runTargets: 200 }, 1],
  ['once over fewer', { ...SEEN, runs: 4, targets: 199, runTargets: 199 }, 0],
  ['by fewer than half of its reads', { ...SEEN, runs: 8, runReads: 499 }, 0],
  ['by many behind one address, evenly', MIXED, 1],
  ['by many, of whose runs pieces are seen', { ...MIXED, runs: 12, runReads: 900, runTargets: 10 }, 1],
  ['by many, hardly twice', { ...MIXED, servedLists: 23 }, 0],
  ['by many, unevenly', { ...MIXED, evenReads: 479 }, 0],
  ['with more reads than a page can name', { ...MIXED, servedReads: 1_201, evenReads: 1_201 }, 0],
  ['with hardly a read for each page', { ...MIXED, servedLists: 121 }, 0],
  ['over a handful', { ...MIXED, targets: 9 }, 0],
])('lists that are run through %s: %j', (_what, fields, count) => {
  expect(diagnoseBy(enumeration, changed(evidence, { listings: ofCaller('lister', fields) }))).toHaveLength(count);
});

test.each([
  [25, 1],
  [24, 0],
])('who makes %i %% of the first tries is the cause: %i', (percent, count) => {
  expect(diagnoseBy(enumeration, changed(evidence, sharing('lister', 'secret', percent)))).toHaveLength(count);
});

test.each(enumeration.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(enumeration, without(evidence, [kind]))).toEqual([]);
});
