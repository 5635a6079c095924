import { beforeAll, expect, test } from 'vitest';
import { retryStorm } from '../../../shared/diagnoses/retry-storm.ts';
import type { AttemptRow } from '../../../shared/evidence/attempts.ts';
import type { Cause, Cell, Evidence } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { changed, diagnoseBy, ofCaller, scaled, without } from './kit.ts';
import { doubles, pause, tries, withTriesOf } from './tries.ts';

let told: Told;
let culprit = '';
beforeAll(async () => {
  told = await tell('storm', { seed: 6 });
  culprit = told.played.truth.causes[0]?.appId ?? '';
});

type Asked = { attempts: number; served: number; first: number };
type Fields = Readonly<Record<string, Cell>> & Asked;

/** What the culprit asked while anything was refused, all in the first second with a refusal, and how it waited. */
function asking(fields: Fields): Evidence {
  const { attempts, served, first } = fields;
  return changed(told.evidence, {
    retries: ofCaller(culprit, fields),
    load: (row) => {
      const refused = scaled(row, 'refused', 1);
      const second = refused.findIndex((count) => count > 0);
      const only = (count: number): number[] => refused.map((_, index) => (index === second ? count : 0));
      return row['caller'] !== culprit
        ? {}
        : { first: only(first), retry: only(attempts - first), served: only(served), refused: only(0.9 * attempts) };
    },
  });
}

/** Of a log whose single tries are not at hand. */
function withRetries(fields: Fields): Cause[] {
  return diagnoseBy(retryStorm, without(asking(fields), ['attempts']));
}

/** Of one with these tries, of which no chain can be told apart. */
function withTries(row: AttemptRow, fields: Partial<Asked>): Cause[] {
  const unseen = { growthChains: 0, twoWaitChains: 0, growth21: null, growth32: null, gap1Ms: null };
  return diagnoseBy(retryStorm, withTriesOf(culprit, row, asking({ ...LOOP, ...unseen, ...fields })));
}

const LOOP = { attempts: 10_000, served: 4_000, first: 4_000, growth21: 1, growth32: 1, growthChains: 100 };

test.each([
  ['a loop that asks again at once', LOOP, 1],
  ['two tries for each read served', { ...LOOP, served: 5_000 }, 1],
  ['fewer than two', { ...LOOP, served: 5_001 }, 0],
  ['nothing served at all', { ...LOOP, served: 0 }, 1],
  ['four in ten tries that follow a refusal', { ...LOOP, first: 6_000 }, 1],
  ['fewer that follow a refusal: many ask once', { ...LOOP, first: 6_001 }, 0],
  ['waits that grow by less than half', { ...LOOP, growth32: 1.49 }, 1],
  ['waits that grow by half: it backs off', { ...LOOP, growth32: 1.5 }, 0],
  ['a first retry at once, then waits that grow, as in Python', { ...LOOP, growth21: 200, growth32: 2 }, 0],
  [
    'waits nobody could see, and two and a half tries',
    { ...LOOP, growthChains: 0, growth21: null, growth32: null, first: 100_000, attempts: 250_000, served: 100_000 },
    0,
  ],
  [
    'waits nobody could see, and four tries',
    { ...LOOP, growthChains: 0, growth21: null, growth32: null, first: 100_000, attempts: 400_000, served: 100_000 },
    1,
  ],
])('%s: %j gives %i cause', (_what, fields, causes) => {
  expect(withRetries(fields)).toHaveLength(causes);
});

test.each([
  ['a loop that shows among them', tries(pause(300, 20), { refused: 0.8 }), {}, 1],
  ['waits that double', tries(doubles, { refused: 0.8 }), { first: 100_000, attempts: 250_000, served: 100_000 }, 0],
])('tries that cannot be told apart: %s', (_what, row, fields, causes) => {
  const found = withTries(row, fields);
  expect(found).toHaveLength(causes);
  for (const { summary } of found)
    expect(summary).toMatch(/^2\.5 tries per read served, retried every 3.. ms without backing off$/);
});

test('a caller that is hurt and retries a little beside the one that storms is not named', () => {
  const all = diagnoseBy(retryStorm, told.evidence);
  expect(all.map(({ caller }) => caller?.appId)).toEqual([culprit]);
  expect(all[0]?.victims.map(({ appId }) => appId)).not.toContain(culprit);
});

test('refused requests that are not most of the load are no storm', () => {
  const mostlyServed = changed(told.evidence, {
    load: (row) => ({ first: scaled(row, 'first', 20) }),
  });
  expect(diagnoseBy(retryStorm, mostlyServed)).toEqual([]);
});

test('each fact names a kind and column that hold it', () => {
  const [cause] = diagnoseBy(retryStorm, told.evidence);
  expect(cause?.facts.length).toBeGreaterThan(3);
  for (const { from } of cause?.facts ?? []) {
    const reading = told.evidence.readings.find(({ kind, window }) => kind === from.kind && window === from.window);
    expect(
      reading?.state === 'read' && reading.rows.some((row) => from.column in row),
      `${from.kind}.${from.column}`,
    ).toBe(true);
  }
});

test.each(retryStorm.needs.filter((kind) => !['coverage', 'attempts'].includes(kind)))(
  'says nothing without %s',
  (kind) => {
    expect(diagnoseBy(retryStorm, without(told.evidence, [kind]))).toEqual([]);
  },
);
