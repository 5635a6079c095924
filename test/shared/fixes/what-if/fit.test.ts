import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdmissionLimit, createAdmission } from '../../../../shared/fixes/what-if/admission.ts';
import { fitModel, type Observed } from '../../../../shared/fixes/what-if/fit.ts';
import { reproducible } from '../../../../shared/fixes/what-if/random.ts';
import type { Limit } from '../../../../shared/limits.ts';

const LIMIT: Limit = {
  ...{ service: 'key-vault', class: 'secret', windowSeconds: 10, max: 400, weight: 1, countsRefused: false },
  ...{ scope: 'resource', source: 'https://example.org', readOn: '2026-01-01' },
};
const SECONDS = 120;

/** A load that climbs through a limit and falls back, and what that limit made of it. */
function played(model: AdmissionLimit, seed: number): Observed {
  const random = reproducible(seed);
  const admits = createAdmission(model);
  const refusedPerSecond = new Float64Array(SECONDS);
  const servedPerSecond = new Float64Array(SECONDS);
  const times: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const count = Math.round((model.max / 10) * (second < 90 ? 0.5 + second / 60 : 0.3) * (0.9 + 0.2 * random()));
    const within = Array.from({ length: count }, () => (second + random()) * 1000).sort((a, b) => a - b);
    for (const atMs of within) {
      times.push(atMs);
      const outcome = admits(atMs, 1) ? servedPerSecond : refusedPerSecond;
      outcome[second] = (outcome[second] ?? 0) + 1;
    }
  }
  const weight = new Float64Array(times.length).fill(1);
  return { fromSecond: 0, atMs: Float64Array.from(times), weight, refusedPerSecond, servedPerSecond };
}

test.each([
  ['sliding', 400, false],
  ['sliding', 400, true],
  ['sliding', 200, false],
  ['sliding', 200, true],
  ['fixed', 400, false],
  ['fixed', 200, false],
] as const)(
  'a limit that is %s, of %i, counting refusals: %s, is told from when it refused',
  (shape, max, countsRefused) => {
    void fc.assert(
      fc.property(fc.nat(1_000), (seed) => {
        const fitted = fitModel(played({ max, windowMs: 10_000, countsRefused, shape }, seed), LIMIT, null);
        expect(fitted.shape).toBe(shape);
        expect(Math.abs(fitted.max - max)).toBeLessThanOrEqual(0.05 * max);
        // Within windows that begin anew it makes no difference whether refusals count.
        if (shape === 'sliding') expect(fitted.countsRefused).toBe(countsRefused);
      }),
      { numRuns: 15 },
    );
  },
);

test('what is configured holds where nothing tells it from another way of counting', () => {
  const none = { fromSecond: 0, atMs: new Float64Array(), weight: new Float64Array() };
  const empty = { ...none, refusedPerSecond: new Float64Array(10), servedPerSecond: new Float64Array(10) };
  expect(fitModel(empty, LIMIT, null)).toEqual({ max: 400, windowMs: 10_000, countsRefused: false, shape: 'sliding' });
});
