import { beforeAll, expect, test } from 'vitest';
import { missingCache } from '../../../shared/diagnoses/missing-cache.ts';
import type { Cause, Row } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { type Changes, changed, diagnoseBy, ofCaller, scaled, without } from './kit.ts';

let told: Told;
let culprit = '';
beforeAll(async () => {
  told = await tell('missing-cache', { seed: 6 });
  culprit = told.played.truth.causes[0]?.appId ?? '';
});

function causes(changes: Changes): Cause[] {
  return diagnoseBy(missingCache, changed(told.evidence, changes));
}

/** A cache of five minutes would have saved this share of the culprit's reads. */
function saving(share: number): (row: Row) => Record<string, number[]> {
  return (row) => (row['caller'] === culprit ? { miss300: scaled(row, 'first', 1 - share) } : {});
}

test.each([
  ['four fifths that a cache would save', { load: saving(0.801) }, 1],
  ['less that a cache would save', { load: saving(0.799) }, 0],
  ['reads whose answer cannot be kept', { load: (row: Row) => ({ uncacheable: scaled(row, 'first', 1) }) }, 0],
  [
    'few reads of each secret by each instance',
    {
      load: (row: Row) => ({
        first: scaled(row, 'first', 0.01),
        retry: scaled(row, 'retry', 0.01),
        miss300: scaled(row, 'first', 0.001),
      }),
    },
    0,
  ],
  [
    'four tries that look like retries for each of few reads',
    {
      load: (row: Row) => ({
        first: scaled(row, 'first', 0.01),
        retry: scaled(row, 'first', 4),
        miss300: scaled(row, 'first', 0.001),
      }),
    },
    1,
  ],
  ['a burst that is over within a minute', { targets: () => ({ minutes: 1 }) }, 0],
  [
    'another caller that asks for most',
    { load: (row: Row) => ({ first: scaled(row, 'first', row['caller'] === culprit ? 1 : 3_000) }) },
    0,
  ],
])('%s gives %i cause', (_what, changes, count) => {
  expect(causes(changes).filter(({ caller }) => caller?.appId === culprit)).toHaveLength(count);
});

test('a challenge for every other set that is read speaks of starts or of a client per call, not of a cache', () => {
  const challenged = (challenges: number): Cause[] => {
    const readings = told.evidence.readings.map((reading) =>
      reading.kind === 'challenges' && reading.state === 'read'
        ? { ...reading, rows: [{ caller: culprit, challenges, addresses: 24, most60s: 5 }] }
        : reading,
    );
    return diagnoseBy(missingCache, { ...told.evidence, readings });
  };
  expect(challenged(24)).toHaveLength(1);
  expect(challenged(1_000_000)).toEqual([]);
});

test('a caller that asked as much before is a condition, not what changed', () => {
  const [before] = diagnoseBy(missingCache, told.evidence);
  expect(before).toMatchObject({ role: 'trigger', verdict: 'confirmed' });
  const always = changed(told.evidence, { callers: ofCaller(culprit, { peak10s: 10 }) });
  expect(diagnoseBy(missingCache, always)[0]).toMatchObject({ role: 'condition' });
});

test('the climb is dated to when the caller first asked for clearly more than usual', () => {
  const [cause] = diagnoseBy(missingCache, told.evidence);
  const onset = Date.parse(cause?.onset ?? '');
  const truth = Date.parse(told.played.truth.causes[0]?.onset ?? '');
  expect(onset).toBeGreaterThanOrEqual(truth);
  expect(onset).toBeLessThan(truth + 15_000);
});

test('each fact names a kind and column that hold it', () => {
  const [cause] = diagnoseBy(missingCache, told.evidence);
  for (const { from } of cause?.facts ?? []) {
    const reading = told.evidence.readings.find(({ kind, window }) => kind === from.kind && window === from.window);
    expect(
      reading?.state === 'read' && reading.rows.some((row) => from.column in row),
      `${from.kind}.${from.column}`,
    ).toBe(true);
  }
});

/** How its retries pace themselves only tells its calls the better. */
const OPTIONAL = ['coverage', 'retries', 'attempts'];

test.each(missingCache.needs.filter((kind) => !OPTIONAL.includes(kind)))('says nothing without %s', (kind) => {
  expect(diagnoseBy(missingCache, without(told.evidence, [kind]))).toEqual([]);
});
