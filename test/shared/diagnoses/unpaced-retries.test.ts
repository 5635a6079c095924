import { beforeAll, expect, test } from 'vitest';
import { unpacedRetries } from '../../../shared/diagnoses/unpaced-retries.ts';
import type { Cause, Cell, Row } from '../../../shared/model.ts';
import { type Told, tell } from '../scenario.ts';
import { changed, diagnoseBy, ofCaller, without } from './kit.ts';

let told: Told;
let culprit = '';
beforeAll(async () => {
  told = await tell('missing-cache', { seed: 6 });
  culprit = told.played.truth.causes[0]?.appId ?? '';
});

/** Served requests so many times the refused ones. */
function mostlyServed(row: Row): Readonly<Record<string, Cell>> {
  return row['outcome'] === 'served' && Array.isArray(row['perSecond'])
    ? { perSecond: row['perSecond'].map((count) => count * 20) }
    : {};
}

const LOOP = {
  attempts: 20_000,
  served: 10_000,
  refused: 10_000,
  refusedChains: 900,
  gaveUp: 0,
  growth21: 1,
  growth32: 1,
};
const SEEN = { ...LOOP, gap1Ms: 200, growthChains: 100 };

function withRetries(
  fields: Readonly<Record<string, Cell>>,
  client = 'azsdk-net-Security.KeyVault.Secrets/4.7.0',
): Cause[] {
  return diagnoseBy(
    unpacedRetries,
    changed(told.evidence, {
      timeline: mostlyServed,
      retries: (row) => (row['caller'] === culprit ? fields : { refused: 0 }),
      callers: ofCaller(culprit, { client }),
    }),
  );
}

test.each([
  ['waits that stay the same', SEEN, 1],
  ['waits that grow by a little less than half', { ...SEEN, growth32: 1.49 }, 1],
  ['waits that grow by half', { ...SEEN, growth32: 1.5 }, 0],
  ['a first retry at once and doubled waits from then on, as in Python', { ...SEEN, growth21: 200, growth32: 2 }, 0],
  ['waits that too few reads show', { ...SEEN, growthChains: 4 }, 0],
  ['nineteen refusals', { ...SEEN, refused: 19 }, 0],
])('%s: %j gives %i cause', (_what, fields, causes) => {
  expect(withRetries(fields)).toHaveLength(causes);
});

test.each([
  [
    'a client that does not retry by itself',
    'azsdk-js-keyvault-secrets/4.11.2 core-rest-pipeline/1.22.0 Node/24.1.0',
    0.8,
    1,
  ],
  ['the same, where most was served on a retry after all', 'azsdk-js-keyvault-secrets/4.11.2 Node/24.1.0', 0.79, 0],
  ['a client that waits by default', 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)', 1, 0],
  ['a client that does not say what it is', '', 1, 0],
])('giving up at once: %s', (_what, client, share, causes) => {
  const fields = { ...SEEN, growthChains: 0, growth21: null, growth32: null, gaveUp: 900 * share };
  expect(withRetries(fields, client)).toHaveLength(causes);
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
