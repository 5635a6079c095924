import { beforeAll, expect, test } from 'vitest';
import { restartLoop } from '../../../shared/diagnoses/restart-loop.ts';
import type { Cause, Cell, Evidence } from '../../../shared/model.ts';
import { background, evidenceOf, restartingFleet } from './fleet.ts';
import { changed, diagnoseBy, expectFactsToHold, ofCaller, scaled, without } from './kit.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...restartingFleet()]);
});

function withRuns(fields: Readonly<Record<string, Cell>>): Cause[] {
  return diagnoseBy(restartLoop, changed(evidence, { runs: ofCaller('app', fields) }));
}

test.each([
  ['a restart every ten seconds', { gapMsP50: 10_000 }, 1],
  ['reads that come again sooner than a process starts', { gapMsP50: 7_900 }, 0],
  ['a restart every five minutes', { gapMsP50: 300_000 }, 1],
  ['one that comes again later than a restart would', { gapMsP50: 401_000 }, 0],
  ['three challenges for five runs', { challengesEach: 0.6 }, 1],
  ['fewer, by a client that is kept', { challengesEach: 0.59 }, 0],
  ['a challenge for every fourth read of forty', { challengesEach: 10 }, 1],
  ['more, by a client for each call', { challengesEach: 10.1 }, 0],
  ['a small set whose runs were cut short', { challengesEach: 1.5, setSize: 3 }, 1],
  ['a small set, and a client for each call', { challengesEach: 1.6, setSize: 3 }, 0],
  ['a set of three', { setSize: 3 }, 1],
  ['a set of two, which has no order', { setSize: 2 }, 0],
  ['a whole set in every other run', { wholeShare: 0.5 }, 1],
  ['now this and now that of the set, as work comes', { wholeShare: 0.49 }, 0],
  ['no run inside the window', { challengesEach: null }, 0],
  ['every other run in the same order', { sameOrderShare: 0.5 }, 1],
  ['runs in any order', { sameOrderShare: 0.49 }, 0],
  ['mixed orders of several behind one address', { sameOrderShare: 0.1, readsEach: 1.5 }, 1],
  ['reads that fill the time between runs', { busyShare: 0.61 }, 0],
])('%s: %j gives %i cause', (_what, fields, causes) => {
  expect(withRuns(fields)).toHaveLength(causes);
});

test('a loop that makes little of the load is no cause of its refusals', () => {
  const times = (factor: number): Cause[] =>
    diagnoseBy(
      restartLoop,
      changed(evidence, { load: (row) => ({ first: scaled(row, 'first', row['caller'] === 'app' ? 1 : factor) }) }),
    );
  expect(times(1)).toHaveLength(1);
  expect(times(1_000)).toEqual([]);
});

test('says how many instances, how often and how much, and is confirmed against a quiet hour', () => {
  const [cause] = diagnoseBy(restartLoop, evidence);
  expect(cause).toMatchObject({ verdict: 'confirmed', caller: { appId: 'app' } });
  expect(cause?.summary).toMatch(/^10 instances restart every 6\d s, 40 secrets each time$/);
});

test('forty addresses that are watched stand for all of a larger fleet', () => {
  const fleet = changed(evidence, {
    runs: ofCaller('app', { watched: 40, rereading: 20 }),
    callers: ofCaller('app', { addresses: 300 }),
  });
  expect(diagnoseBy(restartLoop, fleet)[0]?.summary).toMatch(/^150 instances/);
});

test('is at most likely where a run here and there begins without a challenge', () => {
  expect(withRuns({ challengesEach: 0.79 })[0]).toMatchObject({ verdict: 'likely' });
});

test('is at most likely behind shared addresses, where instances cannot be counted', () => {
  const [cause] = withRuns({ readsEach: 4 });
  expect(cause).toMatchObject({ verdict: 'likely' });
  expect(cause?.summary).toMatch(/^instances at 10 addresses restart every/);
});

test('each fact names a kind and column that hold it', () => {
  expectFactsToHold(restartLoop, evidence);
});

test.each(restartLoop.needs.filter((kind) => kind !== 'coverage'))('says nothing without %s', (kind) => {
  expect(diagnoseBy(restartLoop, without(evidence, [kind]))).toEqual([]);
});

/** The same instances behind two addresses, known by their challenges alone: so many at each of these seconds. */
function inWaves(at: readonly number[], fields: Readonly<Record<string, Cell>> = {}): Cause[] {
  const shared = changed(without(evidence, ['runs']), {
    load: (row) => {
      const sessionStart = scaled(row, 'sessionStart', 0);
      for (const second of at) sessionStart[second] = 10;
      return row['caller'] === 'app' ? { sessionStart, addresses: 2, challenges: 10 * at.length, ...fields } : {};
    },
  });
  const runs = evidence.readings.filter(({ kind }) => kind === 'runs').map((reading) => ({ ...reading, rows: [] }));
  return diagnoseBy(restartLoop, { ...shared, readings: [...shared.readings, ...runs] });
}

test.each<[string, readonly number[], Readonly<Record<string, Cell>>, number]>([
  ['three times, with longer and longer waits', [10, 25, 60], {}, 1],
  ['twice', [10, 60], {}, 0],
  ['sooner than a process is restarted', [10, 17, 24], {}, 0],
  ['from an address each, too much refused to see their runs', [10, 25, 60], { addresses: 10 }, 1],
  ['without the challenges', [10, 25, 60], { challenges: 29 }, 0],
  ['and hardly reading', [10, 25, 60], { first: [1], retry: [] }, 0],
])('instances whose runs do not show that start together %s: %j', (_what, at, fields, causes) => {
  const found = inWaves(at, fields);
  expect(found).toHaveLength(causes);
  for (const { verdict, summary } of found) {
    expect(verdict).toBe('likely');
    expect(summary).toBe('10 instances restart every 25 s, 40 secrets each time');
  }
});
