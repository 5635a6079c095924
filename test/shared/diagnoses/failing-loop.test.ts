import { beforeAll, expect, test } from 'vitest';
import { failingLoop } from '../../../shared/diagnoses/failing-loop.ts';
import type { Evidence } from '../../../shared/model.ts';
import { background, evidenceOf, failingFleet } from './fleet.ts';
import { type Changes, changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...failingFleet()]);
});

/** Share of what was let through around the refusals, this share failed. */
function failing(share: number): Changes {
  const refused = evidence.readings.flatMap((reading) =>
    reading.kind === 'load' && reading.state === 'read'
      ? reading.rows.flatMap((row) => (row['caller'] === 'app' ? scaled(row, 'refused', 1) : []))
      : [],
  );
  const all = refused.reduce((sum, count) => sum + count, 0);
  return {
    activity: (row) => {
      if (row['caller'] !== 'app') return {};
      const bins = scaled(row, 'perTenSeconds', 0);
      // All of it in the bin of the first refusals: a thousand that were let through.
      const first = scaled(row, 'failedPerTenSeconds', 1).findIndex((count) => count > 0) + 1;
      const only = (count: number): number[] => bins.map((_, bin) => (bin === first ? count : 0));
      return { perTenSeconds: only(all + 1_000), failedPerTenSeconds: only(1_000 * share) };
    },
  };
}

test.each<[string, () => Changes, number]>([
  ['a quarter of all forbidden, on targets that fail', () => failing(0.25), 1],
  ['a little less than a quarter', () => failing(0.249), 0],
  [
    'half of what is asked of a target forbidden',
    () => ({ targets: ofCaller('app', { requests: 180, refused: 100, forbidden: 40, addresses: 8 }) }),
    1,
  ],
  [
    'less than half of it: it fails now and then',
    () => ({ targets: ofCaller('app', { requests: 182, refused: 100, forbidden: 40, addresses: 8 }) }),
    0,
  ],
  [
    'five times the same target from each address',
    () => ({ targets: ofCaller('app', { requests: 40, refused: 0, forbidden: 40, addresses: 8 }) }),
    1,
  ],
  [
    'fewer: a mistake at the start',
    () => ({ targets: ofCaller('app', { requests: 39, refused: 0, forbidden: 39, addresses: 8 }) }),
    0,
  ],
  [
    'little of the load',
    () => ({ load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : 1_000) }) }),
    0,
  ],
])('%s gives %i cause', (_what, changes, count) => {
  expect(diagnoseBy(failingLoop, changed(evidence, changes()))).toHaveLength(count);
});

test('says what fails, and is confirmed where nearly all does', () => {
  const [cause] = diagnoseBy(failingLoop, evidence);
  expect(cause).toMatchObject({ verdict: 'confirmed', role: 'trigger', caller: { appId: 'app' } });
  expect(cause?.summary).toBe('100 % of its requests are forbidden (403), and it asks again and again');
  const missing = changed(evidence, { ...failing(0.6), callers: ofCaller('app', { forbidden: 0, notFound: 600 }) });
  expect(diagnoseBy(failingLoop, missing)[0]).toMatchObject({
    verdict: 'likely',
    summary: '60 % of its requests find nothing (404), and it asks again and again',
  });
});

test('each fact names a kind and column that hold it', () => {
  expectFactsToHold(failingLoop, evidence);
});

test.each(failingLoop.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(failingLoop, without(evidence, [kind]))).toEqual([]);
});
