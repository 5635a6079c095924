import { expect, test } from 'vitest';
import { climbOf, wasAlways } from '../../../shared/diagnoses/climb.ts';
import { admittedIn, isGeneral, type Lane, laneOf, slidingPeak } from '../../../shared/diagnoses/lane.ts';
import { type Storm, stormOf } from '../../../shared/diagnoses/storm.ts';
import { published } from '../evidence/kit.ts';
import { evidenceOf, quiet, served, steady } from './lanes.ts';

const LIMIT = { max: 4_000, windowSeconds: 10 };

/** A lane of which only what is admitted matters. */
function laneWith(seen: Partial<Lane>): Lane {
  return {
    limit: {
      ...LIMIT,
      service: 's',
      class: 'key',
      weight: 1,
      countsRefused: false,
      scope: 'resource',
      source: '',
      readOn: '',
    },
    ...{ refused: 100, onsetSecond: 0, lastSecond: 60, refusedShare: 0.5, demand: 0, peak: 0 },
    ...{ mostServed: 0, meanServed: 0, ceiling: null },
    ...seen,
  };
}

test.each<[string, Partial<Lane>, number]>([
  ['the ceiling', { ceiling: { median: 500, p10: 490, p90: 510 }, mostServed: 900, meanServed: 300 }, 500],
  ['what was served in the mean, without a ceiling', { mostServed: 900, meanServed: 500 }, 500],
  ['the most that was served, where refused requests count', { mostServed: 900, meanServed: 449 }, 900],
  ['that also where hardly anything is served', { ceiling: { median: 3, p10: 0, p90: 9 }, mostServed: 900 }, 900],
])('what is admitted is %s', (_what, seen, admitted) => {
  expect(admittedIn(laneWith(seen))).toBe(admitted);
});

test.each([
  [2_401, true],
  [2_400, false],
  [2_200, true],
  [1_800, true],
  [1_799, false],
  [2_201, false],
])('of 4,000 today and 2,000 before, %i admitted is general: %s', (admitted, general) => {
  expect(isGeneral(laneWith({ mostServed: admitted, meanServed: admitted }), [4_000, 2_000])).toBe(general);
});

test.each([
  [[], 0],
  [[5], 5],
  [[1, 2, 3, 4], 7],
  [[9, 0, 0, 4], 9],
])('the most of %j in two seconds is %i', (perSecond, most) => {
  expect(slidingPeak(perSecond, 2)).toBe(most);
});

test('a class of operations is measured beside its own limit, whatever else is refused', async () => {
  const writes = steady({ operation: 'SecretSet', appId: 'writer' }, { from: 600, to: 630, perS: 40 });
  const reads = steady({ operation: 'SecretGet', appId: 'burst' }, { from: 600, to: 630, perS: 60 });
  const evidence = await evidenceOf(served([...quiet(), ...writes, ...reads], { secret: 400 }));
  const context = { evidence, limits: published() };
  expect(laneOf(context, 'create')).toMatchObject({
    limit: { max: 300 },
    mostServed: 300,
    ceiling: { median: 300 },
  });
  expect(laneOf(context, 'secret')).toMatchObject({ limit: { max: 4_000 }, mostServed: 400, ceiling: { median: 400 } });
  expect(laneOf(context, 'key')).toBeNull();
  expect(laneOf(context, 'challenge')).toBeNull();

  const storm = stormOf(context);
  const burst = storm?.callers.find(({ caller }) => caller === 'burst');
  if (storm === null || burst === undefined) throw new Error('the burst was not seen');
  const second = (at: number): number => Date.parse('2026-01-05T10:00:00.000Z') / 1000 + at;
  const before = (usual: number): Storm => ({
    ...storm,
    baseline: storm.baseline && { ...storm.baseline, byCaller: new Map([['burst', { ...burst, peak10s: usual }]]) },
  });
  // The minutes before show where it climbs, with another day or without; who was always as busy did not.
  expect(climbOf(storm, burst, second(606), ['secret'])).toBe(second(600));
  expect(climbOf(before(50), burst, second(606), ['secret'])).toBe(second(600));
  expect(climbOf(before(10_000), burst, second(606), ['secret'])).toBe(second(606));
  expect(climbOf({ ...storm, baseline: null }, burst, second(606), ['secret'])).toBe(second(600));
  expect(climbOf({ ...storm, load: [] }, burst, second(606), ['secret'])).toBe(second(606));
  expect(wasAlways(before(0.8 * burst.peak10s), burst)).toBe(true);
  expect(wasAlways(before(0.79 * burst.peak10s), burst)).toBe(false);
  expect(wasAlways({ ...storm, baseline: null }, burst)).toBe(false);
});
