import { beforeAll, expect, test } from 'vitest';
import { noisyNeighbour } from '../../../shared/diagnoses/noisy-neighbour.ts';
import type { Cell, Evidence } from '../../../shared/model.ts';
import { changed, diagnoseBy, ofCaller, scaled, without } from './kit.ts';
import { ADMITS, evidenceOf, quiet, served, sharing, steady } from './lanes.ts';

const BATCH = { operation: 'SecretGet', appId: 'batch' };
/** Hundreds of different secrets, each hardly more than once: nothing that could be kept. */
const STORM = { from: 600, to: 640, perS: 30, targets: 900 };

let evidence: Evidence;
beforeAll(async () => {
  const others = steady({ operation: 'SecretGet', appId: 'victim' }, { from: 500, to: 700, perS: 4, targets: 400 });
  evidence = await evidenceOf(served([...quiet(), ...others, ...steady(BATCH, STORM)], { secret: 200 }));
});

test('who asks for most of what is admitted, without shape, is a condition; the others are its victims', () => {
  const [cause, ...rest] = diagnoseBy(noisyNeighbour, evidence);
  expect(rest).toEqual([]);
  expect(cause).toMatchObject({ caller: { id: 'batch' }, role: 'condition', verdict: 'confirmed' });
  expect(cause?.victims.map(({ id }) => id)).toContain('victim');
});

test.each([
  [50, 1],
  [49, 0],
])('with %i %% of the first tries there are %i', (percent, count) => {
  const shared = changed(evidence, sharing('batch', 'secret', percent));
  const few = changed(shared, {
    load: (row) => ({ first: scaled(row, 'first', 1 / 5), miss300: scaled(row, 'first', 1) }),
  });
  expect(diagnoseBy(noisyNeighbour, few).filter(({ caller }) => caller?.id === 'batch')).toHaveLength(count);
});

test.each([
  ['fit', 0.79, 1],
  ['would not fit', 0.81, 0],
])('where all others together %s into %f of the limit by themselves there are %i', (_what, share, count) => {
  const perS = (share * 200) / 10;
  const others = changed(evidence, {
    load: (row) =>
      row['caller'] === 'victim'
        ? { first: scaled(row, 'first', 0).map(() => perS - 1) }
        : row['caller'] === 'batch'
          ? { first: scaled(row, 'first', 3), miss300: scaled(row, 'first', 3) }
          : row['caller'] === 'reader'
            ? { first: scaled(row, 'first', 0).map(() => 1) }
            : { first: scaled(row, 'first', 0) },
  });
  expect(diagnoseBy(noisyNeighbour, others)).toHaveLength(count);
});

test.each<[string, string, Record<string, Cell>]>([
  ['fails half of the time', 'callers', { requests: 1000, forbidden: 300, notFound: 200 }],
  ['works with keys half of the time', 'operations', { operation: 'KeySign' }],
  ['writes half of the time', 'operations', { operation: 'SecretSet', class: 'create' }],
  ['is a service of the platform', 'callers', { appId: 'ABFA0A7C-a6b6-4736-8310-5855508787cd' }],
])('who %s has a shape', (_what, kind, fields) => {
  expect(diagnoseBy(noisyNeighbour, changed(evidence, { [kind]: ofCaller('batch', fields) }))).toEqual([]);
});

test('who reads the same few secrets again and again has a shape', () => {
  const kept = (saved: number): Evidence =>
    changed(evidence, { load: (row) => ({ miss300: scaled(row, 'first', 1 - saved) }) });
  expect(diagnoseBy(noisyNeighbour, kept(0.81))).toEqual([]);
  expect(diagnoseBy(noisyNeighbour, kept(0.79))).toHaveLength(1);
});

test.each([
  ['challenges', { challenges: 100_000, addresses: 1, most60s: 1 }],
  ['listings', { runs: 9, runReads: 90_000, runTargets: 1, targets: 1 }],
  ['starts', { reads: 100_000, together: 10, targets: 450 }],
])('what %s tell gives it a shape', (kind, fields) => {
  const readings = evidence.readings.map((reading) =>
    reading.kind === kind && reading.state === 'read'
      ? { ...reading, rows: [{ ...EMPTY[kind], ...fields, caller: 'batch' }] }
      : reading,
  );
  expect(diagnoseBy(noisyNeighbour, { ...evidence, readings })).toEqual([]);
});

const EMPTY: Readonly<Record<string, Record<string, Cell>>> = {
  listings: {
    ...{ lists: 9, servedLists: 9, reads: 90_000, servedReads: 90_000, evenReads: 0 },
    ...{ runTargetsMost: 1, addresses: 1, firstMs: 0 },
  },
  starts: {
    starts: 1,
    together: 1,
    togetherFromSecond: 0,
    togetherToSecond: 0,
    targets: 1,
    readsEach: 1,
    readsPerTarget: 1,
  },
};

test.each([
  ['ten instances that read the same set', { together: 10, targets: 450 }, 0],
  ['fewer of them', { together: 9, targets: 450 }, 1],
  ['ten workers that share the set out', { together: 10, targets: 449 }, 1],
])('a start of %s: %j', (_what, fields, count) => {
  const started = changed(evidence, { starts: ofCaller('batch', { reads: 100_000, ...fields }) });
  expect(diagnoseBy(noisyNeighbour, started)).toHaveLength(count);
});

test('nobody is a neighbour where no other is refused', () => {
  const alone = changed(evidence, { callers: (row) => (row['caller'] === 'batch' ? {} : { refused: 0 }) });
  expect(diagnoseBy(noisyNeighbour, alone)).toEqual([]);
});

test('the log wins where it shows that less is admitted than is published', () => {
  expect(ADMITS.secret).toBeGreaterThan(10 * 200);
  expect(diagnoseBy(noisyNeighbour, evidence)[0]?.facts).toContainEqual(
    expect.objectContaining({ label: 'Its busiest window, share of what is admitted', value: 150 }),
  );
});

test.each(noisyNeighbour.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(noisyNeighbour, without(evidence, [kind]))).toEqual([]);
});
