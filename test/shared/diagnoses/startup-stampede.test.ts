import { beforeAll, expect, test } from 'vitest';
import { startupStampede } from '../../../shared/diagnoses/startup-stampede.ts';
import type { RunRow } from '../../../shared/evidence/runs.ts';
import type { Cause, Cell } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { changed, diagnoseBy, ofCaller, scaled, without, withRows } from './kit.ts';

let told: Told;
let culprit = '';
beforeAll(async () => {
  told = await tell('stampede', { seed: 6 });
  culprit = told.played.truth.causes[0]?.appId ?? '';
});

/** One for each address: enough for starts, too few to be told by them behind shared addresses. */
const CHALLENGES = { most60s: 100, addresses: 320 };

type Cut = { refused?: number; addresses?: number; challenges?: number };

function withStarts(fields: Readonly<Record<string, Cell>>): Cause[] {
  return diagnoseBy(
    startupStampede,
    changed(told.evidence, { starts: ofCaller(culprit, fields), challenges: () => CHALLENGES }),
  );
}

test.each([
  ['ten instances', { together: 10 }, 1],
  ['nine instances', { together: 9 }, 0],
  ['sets read once and a half', { readsPerTarget: 1.5 }, 1],
  ['sets read more often', { readsPerTarget: 1.6 }, 0],
  ['a quarter of the limit', { reads: 1000 }, 1],
  ['less than a quarter of the limit', { reads: 999 }, 0],
])('%s that start together: %j gives %i cause', (_what, fields, causes) => {
  expect(withStarts(fields)).toHaveLength(causes);
});

test.each([
  ['a set twice as large as what the middle one came to', 2, 1_000, 0, 1],
  ['a larger one, of which each secret is read by a quarter of them, cut short', 3, 7_200, 50, 1],
  ['a larger one, of which each secret is read by fewer: workers share it out', 3, 7_199, 50, 0],
  ['a larger one, hardly cut short', 3, 7_200, 49, 0],
])('%s: %d times, %i reads, %i %% refused gives %i cause', (_what, times, reads, refused, causes) => {
  const cut = changed(told.evidence, {
    starts: ofCaller(culprit, { together: 320, targets: 30, reads }),
    callers: ofCaller(culprit, { targets: 30 * times, requests: 100, refused }),
    challenges: () => CHALLENGES,
  });
  expect(diagnoseBy(startupStampede, cut)).toHaveLength(causes);
});

test('what wakes up together without a challenge has not started', () => {
  const quiet = (most60s: number): Cause[] =>
    diagnoseBy(
      startupStampede,
      changed(told.evidence, {
        starts: ofCaller(culprit, { together: 320 }),
        challenges: () => ({ ...CHALLENGES, most60s }),
      }),
    );
  expect(quiet(95)).toEqual([]);
  expect(quiet(96)).toHaveLength(1);
});

test.each([
  ['hardly any got further than the first thing of their set', {}, 1],
  ['who was refused less than a fifth of the time would have got on', { refused: 19 }, 0],
  ['who does not all ask for the same thing shares out its work', { addresses: 255 }, 0],
  ['who draws many challenges makes a client for each call', { challenges: 481 }, 0],
])('of those that are cut short: %s', (_what, { refused = 20, addresses = 256, challenges = 320 }: Cut, causes) => {
  const cut = changed(told.evidence, {
    starts: ofCaller(culprit, { together: 320, targets: 1, reads: 400 }),
    callers: ofCaller(culprit, { targets: 30, requests: 100, refused }),
    targets: ofCaller(culprit, { addresses }),
    challenges: () => ({ most60s: 320, addresses: 320, challenges }),
  });
  expect(diagnoseBy(startupStampede, cut)).toHaveLength(causes);
});

test.each([
  ['after the last refusal', 600],
  ['long before the first', -600],
])('a start %s is no cause of them', (_what, seconds) => {
  const shift = changed(told.evidence, {
    starts: (row) => ({ togetherFromSecond: Number(row['togetherFromSecond']) + seconds }),
    challenges: () => CHALLENGES,
  });
  expect(diagnoseBy(startupStampede, shift)).toEqual([]);
});

/** Of instances that read their whole set four times. */
const LIVING: RunRow = {
  ...{
    caller: '',
    watched: 40,
    rereading: 20,
    setSize: 30,
    runsEach: 4,
    readsEach: 1,
    wholeShare: 1,
    gapMsP50: 60_000,
  },
  ...{ gapVariation: 0.01, busyShare: 0.1, sameOrderShare: 1, challengesEach: 0.1, firstMs: 0 },
};

test.each([
  ['that read their set again and again without a challenge live on', {}, 0],
  ['that draw challenges are new ones', { challengesEach: 0.11 }, 1],
  ['of which none read its set inside the window are not known', { challengesEach: null }, 1],
  ['of which few come back may have company that lives on', { rereading: 19 }, 1],
  ['that share addresses show no rhythm of one', { readsEach: 1.5 }, 1],
])('instances %s: %j gives %i cause', (_what, fields, causes) => {
  const living = withRows(told.evidence, 'runs', [{ ...LIVING, caller: culprit, ...fields }]);
  expect(diagnoseBy(startupStampede, living)).toHaveLength(causes);
});

test('where no rhythm could be read, starts still tell', () => {
  expect(diagnoseBy(startupStampede, without(told.evidence, ['runs']))).toHaveLength(1);
});

test('starts that make up little of the load are no cause of its refusals', () => {
  const beside = changed(told.evidence, {
    load: (row) => (row['caller'] === culprit ? {} : { first: scaled(row, 'first', 30_000) }),
  });
  expect(diagnoseBy(startupStampede, beside)).toEqual([]);
});

test('a caller that was as busy before is at most likely', () => {
  const [row] = told.evidence.readings.flatMap((reading) =>
    reading.kind === 'callers' && reading.state === 'read'
      ? reading.rows.filter(({ caller }) => caller === culprit)
      : [],
  );
  const readings = told.evidence.readings.map((reading) =>
    reading.kind === 'callers' && reading.state === 'read' && reading.window === 'hour-before' && row !== undefined
      ? { ...reading, rows: [...reading.rows, { ...row, refused: 0 }] }
      : reading,
  );
  expect(diagnoseBy(startupStampede, told.evidence)[0]?.verdict).toBe('confirmed');
  expect(diagnoseBy(startupStampede, { ...told.evidence, readings })[0]?.verdict).toBe('likely');
});

test('a baseline that was throttled as well confirms nothing', () => {
  const readings = told.evidence.readings.map((reading) =>
    reading.kind === 'callers' && reading.state === 'read' && reading.window === 'hour-before'
      ? { ...reading, rows: reading.rows.map((row) => ({ ...row, refused: 100 })) }
      : reading,
  );
  expect(diagnoseBy(startupStampede, { ...told.evidence, readings })[0]?.verdict).toBe('likely');
});

test('each fact names a kind and column that hold it', () => {
  const [cause] = diagnoseBy(startupStampede, told.evidence);
  for (const { from } of cause?.facts ?? []) {
    const reading = told.evidence.readings.find(({ kind, window }) => kind === from.kind && window === from.window);
    expect(
      reading?.state === 'read' && reading.rows.some((row) => from.column in row),
      `${from.kind}.${from.column}`,
    ).toBe(true);
    expect(startupStampede.needs).toContain(from.kind);
  }
});

const OPTIONAL = ['coverage', 'runs'];

test.each(startupStampede.needs.filter((kind) => !OPTIONAL.includes(kind)))('says nothing without %s', (kind) => {
  expect(diagnoseBy(startupStampede, without(told.evidence, [kind]))).toEqual([]);
});
