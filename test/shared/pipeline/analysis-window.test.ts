import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedSpan, chooseWindow, episodesOf, type MinuteCount } from '../../../shared/pipeline/analysis-window.ts';

const START = Date.parse('2026-01-05T00:00:00.000Z') / 60_000;
const at = (minute: number): string => new Date((START + minute) * 60_000).toISOString();
const log = (from: number, to: number) => ({ from: at(from), to: at(to) });

/** Minutes after midnight with so many refusals; one request served in each other minute. */
function minutes(refused: Readonly<Record<number, number>>, upTo = 0): MinuteCount[] {
  const last = Math.max(upTo, ...Object.keys(refused).map((minute) => Number(minute) + 1));
  return Array.from({ length: last }, (_, minute) => ({
    minute: START + minute,
    requests: (refused[minute] ?? 0) + 1,
    refused: refused[minute] ?? 0,
  }));
}

describe('episodes of refusals', () => {
  test.each([
    ['what follows within 75 min is one episode', { 10: 5, 85: 5 }, [[10, 86, 10]]],
    [
      'what follows later is another',
      { 10: 5, 86: 5 },
      [
        [10, 11, 5],
        [86, 87, 5],
      ],
    ],
    ['what happens each hour is one', { 0: 1, 60: 1, 120: 1, 180: 1 }, [[0, 181, 4]]],
    ['nothing refused is none', {}, []],
  ])('%s', (_what, refused, expected) => {
    expect(episodesOf(minutes(refused, 200))).toEqual(
      expected.map(([from = 0, to = 0, throttled = 0]) => ({ from: at(from), to: at(to), throttled })),
    );
  });

  test('hold every refusal once, in whatever order the minutes come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ minute: fc.nat(5000), requests: fc.nat(9), refused: fc.nat(9) }), {
          selector: ({ minute }) => minute,
        }),
        (counts) => {
          const episodes = episodesOf(counts);
          expect(episodes.reduce((sum, { throttled }) => sum + throttled, 0)).toBe(
            counts.reduce((sum, { refused }) => sum + refused, 0),
          );
          expect(episodes.every(({ from, to }) => from < to)).toBe(true);
          expect(episodesOf(counts.toReversed())).toEqual(episodes);
        },
      ),
    );
  });
});

describe('the window', () => {
  test.each([
    [
      'begins ten minutes before the first refusal and ends half an hour after the last',
      log(0, 600),
      { 200: 5, 210: 5 },
      [190, 241],
      0,
    ],
    ['never reaches beyond the log', log(195, 220), { 200: 5, 210: 5 }, [195, 220], 0],
    ['is of the worst episode, wherever it stands', log(0, 600), { 20: 3, 300: 50, 500: 4 }, [290, 331], 2],
    ['is of the earlier of two that are as bad', log(0, 600), { 20: 3, 300: 3 }, [10, 51], 1],
    ['is the whole log where nothing was refused', log(0, 600), {}, [0, 600], 0],
  ])('%s', (_what, span, refused, [from = 0, to = 0], others) => {
    const chosen = chooseWindow(span, minutes(refused, 600), false);
    expect(chosen.window).toEqual(log(from, to));
    expect(chosen.others).toHaveLength(others);
  });

  test('begins where the log goes on after a gap', () => {
    const gap = minutes({ 200: 5 }, 600).filter(({ minute }) => minute < START + 100 || minute >= START + 197);
    expect(chooseWindow(log(0, 600), gap, false).window).toEqual(log(197, 231));
  });

  test('is what was asked for, to the millisecond', () => {
    const asked = { from: '2026-01-05T00:00:30.500Z', to: '2026-01-05T03:00:00.250Z' };
    expect(chooseWindow(asked, minutes({ 20: 3, 100: 9 }), true)).toEqual({ window: asked, others: [] });
  });

  test('is looked for inside what was asked for where that is longer than a day', () => {
    expect(chooseWindow(log(0, 3000), minutes({ 2000: 9 }), true).window).toEqual(log(1990, 2031));
  });

  test('is at most a day of refusals that go on for days', () => {
    const days = Object.fromEntries(Array.from({ length: 4000 }, (_, minute) => [minute, 1]));
    expect(chooseWindow(log(0, 4000), minutes(days), false).window).toEqual(log(0, 1440));
  });

  test('is the day around the busiest minute of a long log without refusals', () => {
    const counts = minutes({}, 5000).map((each, minute) => (minute === 3000 ? { ...each, requests: 99 } : each));
    expect(chooseWindow(log(0, 5000), counts, false).window).toEqual(log(2280, 3720));
    expect(chooseWindow(log(0, 5000), counts.slice(0, 2), false).window).toEqual(log(0, 1440));
  });
});

describe('what was asked for', () => {
  test('is the log where nothing was asked', () => {
    expect(askedSpan(log(0, 100), at(100), {})).toEqual(log(0, 100));
  });

  test('counts durations back from the end of all logs, not of this one', () => {
    expect(askedSpan(log(0, 100), at(160), { from: { backMs: 120 * 60_000 }, to: { backMs: 70 * 60_000 } })).toEqual(
      log(40, 90),
    );
  });

  test('takes times as they are', () => {
    expect(askedSpan(log(0, 100), at(100), { from: { at: at(20) } })).toEqual(log(20, 100));
  });
});
