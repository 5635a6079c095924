import { beforeAll, expect, test } from 'vitest';
import { type ReadAgain, readAgain } from '../../../shared/diagnoses/read-again.ts';
import { stormOf } from '../../../shared/diagnoses/storm.ts';
import type { Evidence } from '../../../shared/model.ts';
import { published } from '../evidence/kit.ts';
import { background, evidenceOf, pollingFleet } from './fleet.ts';
import { changed, scaled, withRows } from './kit.ts';
import { givesUp, pause, tries } from './tries.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf([...background(), ...pollingFleet({ fromS: 300 })]);
});

function read(of: Evidence): ReadAgain {
  const storm = stormOf({ evidence: of, limits: published() });
  const caller = storm?.callers.find((row) => row.caller === 'app');
  if (storm === null || caller === undefined) throw new Error('the fleet that polls was not refused');
  return readAgain(of, storm, caller);
}

/** So many tries that look like retries for each first one. */
function retried(times: number): Evidence {
  return changed(evidence, {
    load: (row) => (row['caller'] === 'app' ? { retry: scaled(row, 'first', times) } : {}),
  });
}

test.each([
  ['three look like retries', 3, 1],
  ['more do than a library makes', 11, 3],
])('of the tries of one call, %s: a call for each four of them at least', (_what, times, calls) => {
  const before = read(retried(0));
  const after = read(retried(times));
  expect(after.calls).toBeCloseTo(calls * before.calls);
  expect(after.readsEach).toBeCloseTo(calls * before.readsEach);
  expect(after.ofLoad).toBeGreaterThanOrEqual(before.ofLoad);
  expect(1 - after.saved).toBeCloseTo((1 - before.saved) / calls);
});

test.each([
  ['in a loop is one call', pause(300, 4), 1],
  ['that gives up at once is a call each time', givesUp, 12],
])('what is asked again by a client %s', (_what, retry, calls) => {
  const paced = withRows(retried(11), 'attempts', [tries(retry, { needs: 400, everyMs: 30_000 })]);
  const row = { gap1Ms: null, gap2Ms: null, growth21: null, growth32: null, twoWaitChains: 0, growthChains: 0 };
  const seen = changed(paced, { retries: () => row });
  expect(read(seen).calls).toBeCloseTo(calls * read(retried(0)).calls);
});
