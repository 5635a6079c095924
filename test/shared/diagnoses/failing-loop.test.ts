import { beforeAll, expect, test } from 'vitest';
import { failingLoop } from '../../../shared/diagnoses/failing-loop.ts';
import type { Evidence } from '../../../shared/model.ts';
import { background, evidenceOf, failingFleet } from './fleet.ts';
import { type Changes, changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...failingFleet()]);
});

const MANY = { requests: 12_000, refused: 2_000 };

test.each<[string, Changes, number]>([
  ['half forbidden', { callers: ofCaller('app', { ...MANY, forbidden: 5_000 }) }, 1],
  ['half forbidden or not found', { callers: ofCaller('app', { ...MANY, forbidden: 2_000, notFound: 3_000 }) }, 1],
  ['a little less than half', { callers: ofCaller('app', { ...MANY, forbidden: 4_999 }) }, 0],
  ['five times the same target from each address', { targets: ofCaller('app', { forbidden: 40, addresses: 8 }) }, 1],
  ['fewer: a mistake at the start', { targets: ofCaller('app', { forbidden: 39, addresses: 8 }) }, 0],
  ['little of the load', { load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : 1_000) }) }, 0],
])('%s gives %i cause', (_what, changes, count) => {
  expect(diagnoseBy(failingLoop, changed(evidence, changes))).toHaveLength(count);
});

test('says what fails, and is confirmed where nearly all does', () => {
  const [cause] = diagnoseBy(failingLoop, evidence);
  expect(cause).toMatchObject({ verdict: 'confirmed', role: 'trigger', caller: { appId: 'app' } });
  expect(cause?.summary).toBe('100 % of its requests are forbidden (403), and it asks again and again');
  const missing = changed(evidence, { callers: ofCaller('app', { ...MANY, forbidden: 0, notFound: 6_000 }) });
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
