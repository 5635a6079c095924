import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binDatetime, formatDatetime, formatTimespan, parseDatetime, parseTimespan, startOf } from './time.ts';

/** Years 1 to 9999. */
const moment = fc.integer({ min: -62_135_596_800_000_000, max: 253_402_300_799_000_000 }).filter(Number.isSafeInteger);

test('every moment and every stretch of time is read back from its own text', () => {
  fc.assert(
    fc.property(moment, (us) => {
      if (us > -62_135_596_800_000_000 / 2) expect(parseDatetime(formatDatetime(us))).toBe(us);
      expect(parseTimespan(formatTimespan(us))).toBe(us);
    }),
  );
});

test.each([
  ['2026-01-05', '2026-01-05T00:00:00.0000000Z'],
  ['2026-01-05 10:20', '2026-01-05T10:20:00.0000000Z'],
  ['2026-01-05T10:20:30.5', '2026-01-05T10:20:30.5000000Z'],
  ['2026-01-05T10:20:30.1234567Z', '2026-01-05T10:20:30.1234560Z'],
  ['2026-01-05T12:20:30+02:00', '2026-01-05T10:20:30.0000000Z'],
])('reads %s', (text, written) => {
  expect(formatDatetime(parseDatetime(text) ?? Number.NaN)).toBe(written);
});

test.each(['2026-02-30', '2026-13-01', '2026-01-05T24:00', '2026-01-05T10:60', 'yesterday', '', '10:20'])(
  'reads no moment from %j',
  (text) => {
    expect(parseDatetime(text)).toBeNull();
  },
);

test.each([
  ['1.5h', 5_400_000_000],
  ['100ms', 100_000],
  ['10tick', 1],
  ['1.02:03:04.5', 93_784_500_000],
  ['-00:00:01', -1_000_000],
  ['2', 172_800_000_000],
])('reads the timespan %s', (text, us) => {
  expect(parseTimespan(text)).toBe(us);
});

test('a bin holds its moment, and bins of a week begin on Mondays', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_102_444_800_000_000 }),
      fc.integer({ min: 1, max: 1_000_000_000 }),
      (us, size) => {
        const start = binDatetime(us, size);
        expect(us - start).toBeGreaterThanOrEqual(0);
        expect(us - start).toBeLessThan(size);
      },
    ),
  );
  expect(formatDatetime(binDatetime(parseDatetime('2026-01-08') ?? 0, 604_800_000_000))).toContain('2026-01-05');
  expect(formatDatetime(startOf('week', parseDatetime('2026-01-08') ?? 0))).toContain('2026-01-04');
});
