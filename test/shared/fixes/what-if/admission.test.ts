import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AdmissionLimit, createAdmission } from '../../../../shared/fixes/what-if/admission.ts';

const times = fc
  .array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 })
  .map((each) => each.sort((a, b) => a - b));
const limits = fc.record<AdmissionLimit>({
  max: fc.integer({ min: 1, max: 20 }),
  windowMs: fc.constant(1_000),
  countsRefused: fc.boolean(),
  shape: fc.constantFrom('sliding', 'fixed'),
});

describe('a limit', () => {
  test('never admits more than its maximum in one of its windows', () => {
    void fc.assert(
      fc.property(times, limits, (asked, limit) => {
        const admits = createAdmission(limit);
        const admitted = asked.filter((timeMs) => admits(timeMs, 1));
        for (const end of admitted) {
          const from =
            limit.shape === 'sliding' ? end - limit.windowMs : Math.floor(end / limit.windowMs) * limit.windowMs - 1;
          const inWindow = admitted.filter((timeMs) => timeMs > from && timeMs <= end).length;
          expect(inWindow).toBeLessThanOrEqual(limit.max);
        }
      }),
    );
  });

  test('admits everything that stays within it', () => {
    void fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 50 }), (limit, count) => {
        const admits = createAdmission(limit);
        const step = Math.ceil(limit.windowMs / limit.max);
        expect(Array.from({ length: count }, (_, index) => admits(index * step, 1))).toEqual(
          new Array(count).fill(true),
        );
      }),
    );
  });

  test.each([
    [
      'uncounted refusals, until the window has moved on',
      false,
      [0, 1, 2, 999, 1_000, 1_001],
      [true, true, false, false, true, true],
    ],
    [
      'counted refusals, which keep it shut',
      true,
      [0, 1, 2, 999, 1_000, 1_001],
      [true, true, false, false, false, false],
    ],
  ])('that slides refuses with %s', (_what, countsRefused, asked, admitted) => {
    const admits = createAdmission({ max: 2, windowMs: 1_000, countsRefused, shape: 'sliding' });
    expect(asked.map((timeMs) => admits(timeMs, 1))).toEqual(admitted);
  });

  test.each([false, true])('in fixed windows begins anew at each of them (refused counted: %s)', (countsRefused) => {
    const admits = createAdmission({ max: 1, windowMs: 1_000, countsRefused, shape: 'fixed' });
    expect([990, 995, 1_000, 1_999, 2_000].map((timeMs) => admits(timeMs, 1))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});
