import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../../shared/pacing/retry-after.ts';

const NOW = Date.UTC(2026, 0, 5, 10, 0, 0);
const read = (headers: Record<string, string>) => (name: string) => headers[name];

describe('Retry-After', () => {
  test.each<[string, Record<string, string>, number | null]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['fractions of a second', { 'retry-after': '0.5' }, 500],
    ['a date', { 'retry-after': 'Mon, 05 Jan 2026 10:00:20 GMT' }, 20_000],
    ['a date that has passed', { 'retry-after': 'Mon, 05 Jan 2026 09:00:00 GMT' }, 0],
    ['milliseconds', { 'retry-after-ms': '250' }, 250],
    ['milliseconds with the vendor prefix', { 'x-ms-retry-after-ms': '125' }, 125],
    ['milliseconds before seconds', { 'retry-after': '9', 'retry-after-ms': '40' }, 40],
    ['seconds beside unreadable milliseconds', { 'retry-after': '9', 'retry-after-ms': 'soon' }, 9_000],
    ['more than the cap', { 'retry-after': '86400' }, 60_000],
    ['a date beyond the cap', { 'retry-after': 'Tue, 06 Jan 2026 10:00:00 GMT' }, 60_000],
    ['the end of a quota', { 'x-ms-user-quota-resets-after': '00:01:02.5' }, 60_000],
    ['the end of a quota, in seconds', { 'x-ms-user-quota-resets-after': '00:00:03' }, 3_000],
    ['a wait before the end of a quota', { 'retry-after': '1', 'x-ms-user-quota-resets-after': '00:00:03' }, 1_000],
    ['no time', { 'x-ms-user-quota-resets-after': '3' }, null],
    ['nothing', {}, null],
    ['an empty value', { 'retry-after': '' }, null],
    ['a negative number', { 'retry-after': '-5' }, null],
    ['words', { 'retry-after': 'later please' }, null],
    ['an exponent', { 'retry-after': '1e9' }, null],
  ])('%s', (_what, headers, expected) => {
    expect(retryAfterMs(read(headers), NOW, 60_000)).toBe(expected);
  });

  test('property: any text gives null or a wait within 0 and the cap', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (a, b, cap) => {
        const wait = retryAfterMs(read({ 'retry-after': a, 'retry-after-ms': b }), NOW, cap);
        if (wait !== null) {
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(cap);
        }
      }),
    );
  });
});
