import { beforeAll, expect, test } from 'vitest';
import { unpacedRetries } from '../../../shared/diagnoses/unpaced-retries.ts';
import type { AttemptRow } from '../../../shared/evidence/attempts.ts';
import type { Cause, Cell, Evidence, Row } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { changed, diagnoseBy, scaled, without } from './kit.ts';
import { doubles, givesUp, pause, tries, withTriesOf } from './tries.ts';

let told: Told;
let culprit = '';
beforeAll(async () => {
  told = await tell('missing-cache', { seed: 6 });
  culprit = told.played.truth.causes[0]?.appId ?? '';
});

/** First tries so many times as many, all of them served. */
function mostlyServed(row: Row): Readonly<Record<string, Cell>> {
  return { first: scaled(row, 'first', 20) };
}

const LOOP = {
  attempts: 20_000,
  served: 10_000,
  refused: 10_000,
  refusedChains: 900,
  gaveUp: 0,
  growth21: 1,
  growth32: 1,
  twoWaitChains: 100,
  afterRefusedTries: 0,
  afterServedTries: 0,
};
const SEEN = { ...LOOP, gap1Ms: 200, growthChains: 100 };

function retriesOf(fields: Readonly<Record<string, Cell>>): Evidence {
  return changed(told.evidence, {
    load: mostlyServed,
    retries: (row) => (row['caller'] === culprit ? fields : { refused: 0 }),
  });
}

/** Of a log whose single tries are not at hand. */
function withRetries(fields: Readonly<Record<string, Cell>>): Cause[] {
  return diagnoseBy(unpacedRetries, without(retriesOf(fields), ['attempts']));
}

/** Of one with these tries. */
function withTries(row: AttemptRow, fields: Readonly<Record<string, Cell>> = {}): Cause[] {
  const evidence = retriesOf({ ...SEEN, growthChains: 0, twoWaitChains: 0, gap1Ms: null, ...fields });
  return diagnoseBy(unpacedRetries, withTriesOf(culprit, row, evidence));
}

test.each([
  ['waits that stay the same', SEEN, 1],
  ['waits that grow by a little less than half', { ...SEEN, growth32: 1.49 }, 1],
  ['waits that grow by half', { ...SEEN, growth32: 1.5 }, 0],
  ['a first retry at once and doubled waits from then on, as in Python', { ...SEEN, growth21: 200, growth32: 2 }, 0],
  ['waits that too few reads show', { ...SEEN, growthChains: 4, twoWaitChains: 9 }, 0],
  ['two waits alone, of ten reads', { ...SEEN, growthChains: 4, growth32: null, twoWaitChains: 10 }, 1],
  ['one short wait alone', { ...SEEN, growthChains: 0, growth21: null, growth32: null, twoWaitChains: 0 }, 0],
  ['nineteen refusals', { ...SEEN, refused: 19 }, 0],
])('%s: %j gives %i cause', (_what, fields, causes) => {
  expect(withRetries(fields)).toHaveLength(causes);
});

const MIXED = {
  ...SEEN,
  growthChains: 0,
  twoWaitChains: 0,
  afterRefusedTries: 30,
  afterServedTries: 30,
  afterServedMs: 3_000,
};

test.each([
  ['four in five reads given up when refused', { growthChains: 0, twoWaitChains: 0, gaveUp: 720 }, 1],
  ['fewer: most were served on a retry', { growthChains: 0, twoWaitChains: 0, gaveUp: 719 }, 0],
  [
    'all of them, by one that is hurt beside another',
    { growthChains: 0, twoWaitChains: 0, gaveUp: 900, refused: 2_000 },
    0,
  ],
  ['the next try of what is asked again and again as late after a refusal', { ...MIXED, afterRefusedMs: 1_800 }, 1],
  ['the next try clearly sooner after a refusal: a retry', { ...MIXED, afterRefusedMs: 1_799 }, 0],
  [
    'a second "wait" as long as no client makes it: the next poll',
    { gap2Ms: 15_000, growth21: 20, growth32: 2, gaveUp: 720 },
    1,
  ],
  ['a second wait that a client may make', { gap2Ms: 14_999, growth21: 20, growth32: 2, gaveUp: 720 }, 0],
  ['new work that comes before a retry would', { ...MIXED, afterRefusedMs: 2_999, afterServedMs: 2_999 }, 0],
  ['too few tries to compare, none given up', { ...MIXED, afterRefusedMs: 3_000, afterServedTries: 29 }, 0],
])('giving up at once: %s', (_what, fields, causes) => {
  const told = withRetries({ ...SEEN, ...fields });
  expect(told.map(({ summary }) => summary)).toEqual(
    Array.from({ length: causes }, () => 'gives up at the first refusal where waiting a second would do'),
  );
});

test.each([
  ['a loop', tries(pause(300, 4)), {}, ['asks again after 3.. ms each time it is refused, without backing off']],
  ['a loop that waits as long as a library at first', tries(pause(800, 5)), {}, ['asks again after 8.. ms .*']],
  ['waits that double', tries(doubles), {}, []],
  ['one that gives up', tries(givesUp), {}, ['gives up at the first refusal where waiting a second would do']],
  ['one that gives up and is hurt beside another', tries(givesUp), { refused: 2_000 }, []],
  [
    'waits that double, whatever accidental chains say',
    tries(doubles),
    { growthChains: 100, growth21: 1, growth32: 1 },
    [],
  ],
  [
    'sparse tries, whose chains tell',
    tries(doubles, { needs: 600, everyMs: 60_000 }),
    { growthChains: 100, growth21: 1, growth32: 1, gap1Ms: 200 },
    ['asks again after 200 ms .*'],
  ],
])('among tries that cannot be told apart: %s', (_what, row, fields, summaries) => {
  const found = withTries(row, fields).map(({ summary }) => summary);
  expect(found).toEqual(summaries.map((summary) => expect.stringMatching(`^${summary}$`)));
});

test('what only stands out is likely, and names the wait that it rests on', () => {
  const [cause] = withTries(tries(pause(300, 4)));
  expect(cause?.verdict).toBe('likely');
  expect(cause?.facts.find(({ from }) => from.kind === 'attempts')).toMatchObject({ unit: 'ms' });
});

test('says which caller, since when, and how long it waits', () => {
  const [cause] = withRetries(SEEN);
  expect(cause).toMatchObject({ kind: 'unpaced-retries', role: 'amplifier', caller: { appId: culprit } });
  expect(cause?.summary).toBe('asks again after 200 ms each time it is refused, without backing off');
  expect(Date.parse(cause?.onset ?? '')).toBeGreaterThanOrEqual(Date.parse(told.played.truth.causes[0]?.onset ?? ''));
});

test('where refused requests are most of the load it is a storm, and told as that', async () => {
  const storm = await tell('storm', { seed: 6 });
  expect(diagnoseBy(unpacedRetries, storm.evidence)).toEqual([]);
});

test('a healthy log, and one that could not be read, give no cause', async () => {
  expect(diagnoseBy(unpacedRetries, (await tell('healthy', { seed: 6 })).evidence)).toEqual([]);
  expect(diagnoseBy(unpacedRetries, without(told.evidence, ['retries']))).toEqual([]);
});
