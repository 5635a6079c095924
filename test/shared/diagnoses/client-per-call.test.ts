import { beforeAll, expect, test } from 'vitest';
import { clientPerCall } from '../../../shared/diagnoses/client-per-call.ts';
import type { Evidence } from '../../../shared/model.ts';
import { background, clientPerCallFleet, evidenceOf, outageFleet } from './fleet.ts';
import { type Changes, changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...clientPerCallFleet()]);
});

const SERVED = { requests: 1_500, refused: 500 };
const FEW: Changes = { callers: ofCaller('app', { ...SERVED, targets: 4 }) };

test.each<[string, Changes, number]>([
  [
    'a challenge for every fourth read',
    { callers: ofCaller('app', { ...SERVED, targets: 5 }), challenges: of({ challenges: 250 }) },
    1,
  ],
  ['fewer', { callers: ofCaller('app', { ...SERVED, targets: 5 }), challenges: of({ challenges: 249 }) }, 0],
  [
    'five challenges at each address',
    { callers: ofCaller('app', { ...SERVED, targets: 5 }), challenges: of({ addresses: 120 }) },
    1,
  ],
  ['fewer: starts', { callers: ofCaller('app', { ...SERVED, targets: 5 }), challenges: of({ addresses: 121 }) }, 0],
  [
    'a set of four whose challenges come nearly all at once: starts',
    { ...FEW, challenges: of({ most60s: 541 }), runs: ofCaller('app', { runsEach: 4 }) },
    0,
  ],
  [
    'the same, read again and again at the same addresses',
    { ...FEW, challenges: of({ most60s: 541 }), runs: ofCaller('app', { runsEach: 5 }) },
    1,
  ],
  ['a set of four, on and on', { ...FEW, challenges: of({ most60s: 540 }), runs: ofCaller('app', { runsEach: 4 }) }, 1],
  [
    'a set of five, all at once',
    { callers: ofCaller('app', { ...SERVED, targets: 5 }), challenges: of({ most60s: 600 }) },
    1,
  ],
  ['little of the load', { load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : 1_000) }) }, 0],
])('%s gives %i cause', (_what, changes, count) => {
  expect(diagnoseBy(clientPerCall, changed(evidence, changes))).toHaveLength(count);
});

function of(fields: Readonly<Record<string, number>>): ReturnType<typeof ofCaller> {
  return ofCaller('app', { challenges: 600, addresses: 12, most60s: 100, ...fields });
}

test('challenges while tokens fail are no habit of a client', async () => {
  const outage = await evidenceOf([...background(), ...outageFleet()]);
  const challenged = outage.readings.map((reading) =>
    reading.kind === 'challenges' && reading.state === 'read'
      ? { ...reading, rows: [{ caller: 'app-a', challenges: 100_000, addresses: 10, most60s: 500 }] }
      : reading,
  );
  expect(diagnoseBy(clientPerCall, { ...outage, readings: challenged })).toEqual([]);
  const calm = changed(
    { ...outage, readings: challenged },
    { activity: (row) => ({ perTenSeconds: scaled(row, 'perTenSeconds', row['caller'] === null ? 0 : 1) }) },
  );
  expect(diagnoseBy(clientPerCall, calm)).toHaveLength(1);
});

test('a new process for each run is a restart loop', () => {
  const [row] = evidence.readings.flatMap((reading) =>
    reading.kind === 'runs' && reading.state === 'read' ? reading.rows : [],
  );
  const runs = {
    ...row,
    caller: 'app',
    gapMsP50: 30_000,
    challengesEach: 1,
    busyShare: 0,
    sameOrderShare: 1,
    setSize: 3,
  };
  const readings = evidence.readings.map((reading) =>
    reading.kind === 'runs' && reading.state === 'read' ? { ...reading, rows: [runs] } : reading,
  );
  expect(diagnoseBy(clientPerCall, { ...evidence, readings })).toEqual([]);
});

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
