import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationSeconds, normaliseTime, plausibleTime } from '../../../shared/sources/time.ts';

describe('normaliseTime', () => {
  test.each([
    ['2026-01-05T10:07:24.3713213Z', '2026-01-05T10:07:24.371Z'],
    ['2026-01-05T10:07:24.371321398Z', '2026-01-05T10:07:24.371Z'],
    ['2026-01-05T10:01:00.989+0000', '2026-01-05T10:01:00.989Z'],
    ['2026-01-05T10:01:00.9+02:00', '2026-01-05T08:01:00.900Z'],
    ['2026-01-05T00:30:00-0130', '2026-01-05T02:00:00.000Z'],
    ['2026-01-05T10:01Z', '2026-01-05T10:01:00.000Z'],
    ['2026-01-05 10:01:00', '2026-01-05T10:01:00.000Z'],
    ['2026-01-05t10:01:00z', '2026-01-05T10:01:00.000Z'],
    ['2026-01-05', '2026-01-05T00:00:00.000Z'],
    [' 2026-01-05T10:01:00Z ', '2026-01-05T10:01:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['1/5/2026 9:50:00 AM', '2026-01-05T09:50:00.000Z'],
    ['12/31/2025 12:00:00 AM', '2025-12-31T00:00:00.000Z'],
    ['12/31/2025 12:00:00 PM', '2025-12-31T12:00:00.000Z'],
    ['01/05/2026 21:50:00', '2026-01-05T21:50:00.000Z'],
    ['1767607644', '2026-01-05T10:07:24.000Z'],
    ['1767607644371', '2026-01-05T10:07:24.371Z'],
    [1_767_607_644, '2026-01-05T10:07:24.000Z'],
    [1_767_607_644_371, '2026-01-05T10:07:24.371Z'],
    [1_767_607_644.5, '2026-01-05T10:07:24.500Z'],
  ])('writes %s as %s', (value, expected) => {
    expect(normaliseTime(value)).toBe(expected);
  });

  test.each([
    ['2026-02-30T00:00:00Z'],
    ['2025-02-29T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-00-10T00:00:00Z'],
    ['2026-01-00T00:00:00Z'],
    ['2026-01-05T24:00:00Z'],
    ['2026-01-05T10:60:00Z'],
    ['2026-01-05T10:00:60Z'],
    ['13/1/2026 9:50:00 AM'],
    ['1/5/2026 13:50:00 PM'],
    ['1/5/2026 0:50:00 AM'],
    ['5 January 2026'],
    ['now'],
    [''],
    ['0000-01-01T00:00:00+01:00'],
    [-1],
    [Number.NaN],
    [1e300],
    [null],
    [undefined],
    [{}],
  ])('knows no time in %s', (value) => {
    expect(normaliseTime(value)).toBeNull();
  });

  test('leaves what it wrote as it is, and string order is time order', () => {
    const times = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [x, y] = [a, b].map((date) => normaliseTime(date.toISOString()) ?? '');
        expect([x, y]).toEqual([a.toISOString(), b.toISOString()]);
        expect(Math.sign(a.getTime() - b.getTime())).toBe(String(x) < String(y) ? -1 : x === y ? 0 : 1);
      }),
    );
  });

  test('answers any text and number with a time or null', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.anything()), (value) => {
        expect(normaliseTime(value) ?? '0000-00-00T00:00:00.000Z').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      }),
    );
  });
});

describe('plausibleTime', () => {
  const received = '2026-01-05T10:00:00.000Z';

  test.each([
    ['2015-01-01T00:00:00Z', '2015-01-01T00:00:00.000Z', undefined],
    ['2014-12-31T23:59:59.999Z', received, "implausible at '2014-12-31T23:59:59.999Z': the time of receipt stands in"],
    ['2026-01-06T10:00:00Z', '2026-01-06T10:00:00.000Z', undefined],
    ['2026-01-06T10:00:00.001Z', received, "implausible at '2026-01-06T10:00:00.001Z': the time of receipt stands in"],
    [undefined, received, 'no at: the time of receipt stands in'],
    ['', received, 'no at: the time of receipt stands in'],
    [{}, received, 'implausible at: the time of receipt stands in'],
  ])('takes %s as %s', (value, at, note) => {
    expect(plausibleTime(value, 'at', received)).toEqual(note === undefined ? { at } : { at, note });
  });

  test('falls back to what the caller knows better', () => {
    const fallback = '2026-01-05T09:59:00.000Z';
    expect(plausibleTime(null, 'at', received, fallback)).toEqual({
      at: fallback,
      note: `no at: ${fallback} stands in`,
    });
  });

  test('quotes no more of the text than fits, without control characters', () => {
    const note = plausibleTime(`\u001b[31m${'x'.repeat(900)}`, 'at', received).note ?? '';
    expect(note).toMatch(/^implausible at 'x{39}…': the time of receipt stands in$/);
  });
});

describe('durationSeconds', () => {
  test.each([
    ['PT5M', 300],
    ['PT1H30M', 5_400],
    ['P1D', 86_400],
    ['P1DT1H', 90_000],
    ['PT45S', 45],
    ['pt1m', 60],
  ])('%s is %i s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each([['PT0S'], ['P'], ['5M'], ['PT'], ['P1M'], [null], [300], ['PT99999999999M']])('%s is none', (text) => {
    expect(durationSeconds(text)).toBeUndefined();
  });
});
