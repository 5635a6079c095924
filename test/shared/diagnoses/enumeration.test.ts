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
      summary: expect.stringMatching(/^lists the vault, then reads 1\d\d one by one, 1\d times$/),
    },
  ]);
});

test.each<[string, Record<string, Cell>, number]>([
  ['twice from each address', { runs: 8, addresses: 4, runTargetsMost: 20 }, 1],
  ['once or twice, as when an application starts', { runs: 7, addresses: 4, runTargetsMost: 20 }, 0],
  ['once over two hundred things', { runs: 4, addresses: 4, runTargetsMost: 200 }, 1],
  ['once over fewer', { runs: 4, addresses: 4, runTargetsMost: 199 }, 0],
  ['by half of its reads', { reads: 1000, runReads: 500 }, 1],
  ['by fewer of its reads', { reads: 1000, runReads: 499 }, 0],
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
