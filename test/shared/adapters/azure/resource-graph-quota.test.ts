import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQuota } from '../../../../shared/adapters/azure/resource-graph-quota.ts';

test('holds nothing back before anything was said', () => {
  const quota = createQuota();
  for (let n = 0; n < 50; n += 1) quota.sent();
  expect(quota.nextAt(1_000)).toBe(1_000);
});

test.each([
  ['something left', '1', '00:00:03', 1_000],
  ['nothing left', '0', '00:00:03', 4_000],
  ['nothing left, for a time that cannot be read', '0', 'soon', 6_000],
  ['nothing that can be read', '-1', '00:00:03', 1_000],
  ['no headers', undefined, undefined, 1_000],
])('with %s the next may go at its time', (_what, remaining, resetsAfter, at) => {
  const quota = createQuota();
  quota.sent();
  quota.answered(remaining, resetsAfter, 1_000);
  expect(quota.nextAt(1_000)).toBe(at);
  expect(quota.nextAt(20_000)).toBe(20_000);
});

test('counts what is on its way, answered or not', () => {
  const quota = createQuota();
  quota.sent();
  quota.sent();
  quota.answered('1', '00:00:02', 0);
  expect(quota.nextAt(0)).toBe(2_000);
  quota.failed();
  quota.sent();
  quota.answered('1', '00:00:02', 0);
  expect(quota.nextAt(0)).toBe(0);
});

test('never lets more go within a quota than it was told are left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 15 }), (remaining) => {
      const quota = createQuota();
      quota.sent();
      quota.answered(String(remaining), '00:00:05', 0);
      let went = 0;
      while (quota.nextAt(0) === 0 && went <= 20) {
        quota.sent();
        went += 1;
      }
      expect(went).toBe(remaining);
    }),
  );
});
