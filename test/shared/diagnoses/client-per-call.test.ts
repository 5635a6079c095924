import { beforeAll, expect, test } from 'vitest';
import { clientPerCall } from '../../../shared/diagnoses/client-per-call.ts';
import type { Evidence } from '../../../shared/model.ts';
import { background, clientPerCallFleet, evidenceOf } from './fleet.ts';
import { type Changes, changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...clientPerCallFleet()]);
});

const SERVED = { requests: 1_500, refused: 500 };

test.each<[string, Changes, number]>([
  ['a challenge for every other read', { callers: ofCaller('app', SERVED), challenges: of({ challenges: 500 }) }, 1],
  ['fewer', { callers: ofCaller('app', SERVED), challenges: of({ challenges: 499 }) }, 0],
  ['five challenges at each address', { callers: ofCaller('app', SERVED), challenges: of({ addresses: 120 }) }, 1],
  ['fewer: starts', { callers: ofCaller('app', SERVED), challenges: of({ addresses: 121 }) }, 0],
  [
    'a set of two whose challenges come all at once: starts',
    { callers: ofCaller('app', { ...SERVED, targets: 2 }), challenges: of({ most60s: 301 }) },
    0,
  ],
  [
    'a set of two, on and on',
    { callers: ofCaller('app', { ...SERVED, targets: 2 }), challenges: of({ most60s: 300 }) },
    1,
  ],
  [
    'a set of three, all at once',
    { callers: ofCaller('app', { ...SERVED, targets: 3 }), challenges: of({ most60s: 600 }) },
    1,
  ],
  ['little of the load', { load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : 1_000) }) }, 0],
])('%s gives %i cause', (_what, changes, count) => {
  expect(diagnoseBy(clientPerCall, changed(evidence, changes))).toHaveLength(count);
});

function of(fields: Readonly<Record<string, number>>): ReturnType<typeof ofCaller> {
  return ofCaller('app', { challenges: 600, addresses: 12, most60s: 100, ...fields });
}

test('says how many challenges, and is confirmed where nearly every read draws one', () => {
  const [cause] = diagnoseBy(clientPerCall, evidence);
  expect(cause).toMatchObject({ verdict: 'confirmed', role: 'trigger', caller: { appId: 'app' } });
  expect(cause?.summary).toMatch(/^a new client for each call: (9\d|100) challenges in 100 reads$/);
});

test('each fact names a kind and column that hold it', () => {
  expectFactsToHold(clientPerCall, evidence);
});

test.each(clientPerCall.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(clientPerCall, without(evidence, [kind]))).toEqual([]);
});
