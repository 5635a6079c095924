import { beforeAll, expect, test } from 'vitest';
import { polling } from '../../../shared/diagnoses/polling.ts';
import type { Cause, Cell, Evidence, Row } from '../../../shared/model.ts';
import { background, evidenceOf, pollingFleet } from './fleet.ts';
import { changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...pollingFleet({ fromS: 300 })]);
});

function withRuns(fields: Readonly<Record<string, Cell>>): Cause[] {
  return diagnoseBy(polling, changed(evidence, { runs: ofCaller('app', fields) }));
}

test.each([
  ['a period that varies by a little less than a fifth', { gapVariation: 0.199 }, 1],
  ['one that varies by a fifth, in any order', { gapVariation: 0.2, sameOrderShare: 0.5, setSize: 7 }, 0],
  ['three runs in five that read the whole set', { wholeShare: 0.6 }, 1],
  ['fewer: entries of a cache that expire each on its own', { wholeShare: 0.59 }, 0],
  ['reads that fill most of the period', { busyShare: 0.51 }, 0],
  ['a new token now and then', { challengesEach: 0.4 }, 1],
  ['a challenge for every other run', { challengesEach: 0.5 }, 0],
  ['no run inside the window', { challengesEach: null }, 1],
])('%s: %j gives %i cause', (_what, fields, causes) => {
  expect(withRuns(fields)).toHaveLength(causes);
});

const MOVED = { gapVariation: 0.39, wholeShare: 0.9, sameOrderShare: 0.9 };

test.each([
  ['by waits after refusals, the same read each time', MOVED, 20, 1],
  ['though nothing of its own was refused', MOVED, 0, 0],
  ['by more than waits move it', { ...MOVED, gapVariation: 0.4 }, 20, 0],
  ['in another order now and then', { ...MOVED, sameOrderShare: 0.89, setSize: 7 }, 20, 0],
  ['in any order, of more than a piece of work needs', { ...MOVED, sameOrderShare: 0, setSize: 8 }, 20, 1],
  ['of which a part is read now and then', { ...MOVED, wholeShare: 0.89 }, 20, 0],
  ['of so few that there is no order', { ...MOVED, setSize: 2 }, 20, 0],
  ['of several at one address, whose timers are mixed', { ...MOVED, readsEach: 1.5 }, 20, 0],
])('a period that is moved %s: %j, %i refused gives %i cause', (_what, fields, refused, causes) => {
  const moved = changed(evidence, { runs: ofCaller('app', fields), callers: ofCaller('app', { refused }) });
  expect(diagnoseBy(polling, moved)).toHaveLength(causes);
});

test('what polls but makes little of the load is no cause of its refusals', () => {
  const beside = changed(evidence, {
    load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : 1_000) }),
  });
  expect(diagnoseBy(polling, beside).map(({ caller }) => caller?.appId)).not.toContain('app');
});

test('what reads the set after listing it is an enumeration', () => {
  const listing = {
    caller: 'app',
    lists: 40,
    servedLists: 40,
    reads: 1200,
    servedReads: 1200,
    targets: 30,
    evenReads: 1200,
    runs: 40,
    runReads: 1200,
    runTargets: 30,
    runTargetsMost: 30,
    addresses: 12,
    firstMs: 0,
  };
  const readings = evidence.readings.map((reading) =>
    reading.kind === 'listings' && reading.state === 'read' ? { ...reading, rows: [listing] } : reading,
  );
  expect(diagnoseBy(polling, { ...evidence, readings })).toEqual([]);
});

test('says what is read how often, and is confirmed where the timer keeps time', () => {
  const [cause] = diagnoseBy(polling, evidence);
  expect(cause).toMatchObject({ verdict: 'confirmed', role: 'trigger', caller: { appId: 'app' } });
  expect(cause?.summary).toMatch(/^30 secrets read again every 12\d s by each of 12 addresses$/);
  expect(withRuns({ gapVariation: 0.15 })[0]).toMatchObject({ verdict: 'likely' });
  expect(withRuns({ readsEach: 4 })[0]).toMatchObject({ verdict: 'likely' });
});

test('what it asked for all along is a condition', () => {
  const always = changed(evidence, {
    activity: (row) => (row['caller'] === 'app' ? { perTenSeconds: scaled(row, 'perTenSeconds', 0).fill(30) } : {}),
  });
  expect(diagnoseBy(polling, always)[0]).toMatchObject({ role: 'condition' });
});

test('each fact names a kind and column that hold it', () => {
  expectFactsToHold(polling, evidence);
});

const CSI = 'csi-secrets-store/v1.6.2 (linux/amd64) 2b1f0c4/2025-02-11-19:40';
test.each([
  ['the driver that reads on a timer', CSI, 240, 1],
  ['it, after a start and its repeat', CSI, 20, 0],
  ['an application', 'azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)', 240, 0],
])('where no rhythm shows, %s is told by what it calls itself: %s, %i calls', (_what, client, each, causes) => {
  // All at once, so that no rhythm shows.
  const first = (row: Row): number[] => scaled(row, 'first', 0).map((_, second) => (second === 330 ? 12 * each : 0));
  const hidden = changed(evidence, {
    runs: ofCaller('app', { gapVariation: 0.9 }),
    callers: ofCaller('app', { client, targets: 30 }),
    load: (row) =>
      row['caller'] === 'app' ? { first: first(row), retry: scaled(row, 'retry', 0), addresses: 12 } : {},
  });
  expect(diagnoseBy(polling, hidden).filter(({ caller }) => caller?.appId === 'app')).toHaveLength(causes);
});

/** How its retries pace themselves only tells its calls the better. */
const OPTIONAL = ['coverage', 'retries', 'attempts'];

test.each(polling.needs.filter((kind) => !OPTIONAL.includes(kind)))('says nothing without %s', (kind) => {
  expect(diagnoseBy(polling, without(evidence, [kind]))).toEqual([]);
});
