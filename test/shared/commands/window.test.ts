import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeWindow, windowAt } from '../../../shared/commands/window.ts';

const NOW = Date.parse('2026-11-20T14:00:30.000Z');

describe('a window at the end of what was typed', () => {
  test.each([
    ['kv 15m', ['kv'], { backMs: 900_000 }],
    ['kv 2H', ['kv'], { backMs: 7_200_000 }],
    ['kv last 2h', ['kv'], { backMs: 7_200_000 }],
    ['kv 24h', ['kv'], { backMs: 86_400_000 }],
    ['kv 1d', ['kv'], { backMs: 86_400_000 }],
    ['kv since 09:00', ['kv'], { sinceMinutes: 540 }],
    ['kv SINCE 9:05', ['kv'], { sinceMinutes: 545 }],
    ['kv since 23:59', ['kv'], { sinceMinutes: 1439 }],
    ['kv', ['kv'], undefined],
    ['', [], undefined],
    ['kv 0m', ['kv', '0m'], undefined],
  ])('is taken off: %s', (typed, rest, window) => {
    const taken = takeWindow(typed.split(' ').filter(Boolean));
    expect(taken).toEqual({ ok: true, rest, ...(window === undefined ? {} : { window }) });
  });

  test.each([
    ['kv 25h', 'a window is at most 24h'],
    ['kv since', "'since' takes a time of day, as in since 09:00"],
    ['kv since noon', "'since' takes a time of day, as in since 09:00"],
    ['kv since 24:00', "'since' takes a time of day, as in since 09:00"],
    ['kv since 9', "'since' takes a time of day, as in since 09:00"],
  ])('is refused: %s', (typed, problem) => {
    expect(takeWindow(typed.split(' '))).toEqual({ ok: false, problem });
  });
});

describe('the times of a window', () => {
  test('are whole minutes, the one that runs included', () => {
    expect(windowAt({ backMs: 900_000 }, NOW, 'UTC')).toEqual({
      from: '2026-11-20T13:45:00.000Z',
      to: '2026-11-20T14:01:00.000Z',
    });
  });

  test.each([
    ['UTC', '2026-11-20T14:00:30Z', 9 * 60, '2026-11-20T09:00:00.000Z'],
    ['UTC', '2026-11-20T08:59:00Z', 9 * 60, '2026-11-19T09:00:00.000Z'],
    ['Europe/Paris', '2026-11-20T14:00:30Z', 9 * 60, '2026-11-20T08:00:00.000Z'],
    ['Europe/Paris', '2026-11-20T23:30:00Z', 0, '2026-11-20T23:00:00.000Z'],
    ['America/New_York', '2026-11-20T02:00:00Z', 20 * 60, '2026-11-20T01:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-20T14:00:00Z', 19 * 60 + 15, '2026-11-20T13:45:00.000Z'],
    // The clocks went back at 01:00 UTC: 09:00 was winter's, also seen from the evening before.
    ['Europe/Paris', '2026-10-25T10:00:00Z', 9 * 60, '2026-10-25T08:00:00.000Z'],
    ['Europe/Paris', '2026-10-25T10:00:00Z', 1 * 60, '2026-10-24T23:00:00.000Z'],
  ])('since a time of day in %s, asked at %s', (zone, now, sinceMinutes, from) => {
    expect(windowAt({ sinceMinutes }, Date.parse(now), zone).from).toBe(from);
  });

  test('are never empty, never of the future and never longer than asked, at any moment in any zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2025-01-01'), max: new Date('2027-12-31'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 1439 }),
        fc.constantFrom('UTC', 'Europe/Paris', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'),
        (now, sinceMinutes, zone) => {
          const { from, to } = windowAt({ sinceMinutes }, now.getTime(), zone);
          expect(from < to).toBe(true);
          expect(Date.parse(from)).toBeLessThanOrEqual(now.getTime());
          expect(Date.parse(to) - Date.parse(from)).toBeLessThanOrEqual(25 * 3_600_000 + 60_000);
        },
      ),
      { numRuns: 200 },
    );
  });
});
