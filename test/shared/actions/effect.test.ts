import { describe, expect, test } from 'vitest';
import { effectOf, effectWindow, nextLook } from '../../../shared/actions/effect.ts';
import type { Evidence, Reading } from '../../../shared/model.ts';
import { VAULT } from '../chat/incidents.ts';

const DONE = '2026-11-20T14:00:00.000Z';
const DONE_SECOND = Date.parse(DONE) / 1_000;
const FROM_SECOND = DONE_SECOND - 300;

const later = (seconds: number): string => new Date((DONE_SECOND + seconds) * 1_000).toISOString();

/** A log up to a second after the action, in which requests are refused as told. */
function logUntil(
  seconds: number,
  refused: (second: number) => number,
  more: Partial<Extract<Reading, { state: 'read' }>> = {},
): Evidence {
  const counts = Array.from({ length: 300 + seconds }, (_, index) => index - 300);
  const row = (outcome: string, of: (second: number) => number) => ({
    class: 'secret',
    outcome,
    fromSecond: FROM_SECOND,
    perSecond: counts.map(of),
  });
  return {
    resource: VAULT,
    from: later(-300),
    to: later(seconds),
    readings: [
      {
        kind: 'timeline',
        store: 'log',
        window: 'incident',
        readAt: later(seconds),
        state: 'read',
        rows: [row('served', () => 2), row('refused', refused)],
        truncated: false,
        completeness: null,
        ...more,
      },
    ],
  };
}

const until = (second: number) => (at: number) => (at < second ? 5 : 0);

describe('the effect of an action', () => {
  test.each([
    [159, 'not settled: 119 s without a refusal', false],
    [160, 'settled: 120 s without one', true],
  ])('with a log of %d s is %s', (seconds, _what, settled) => {
    const seen = effectOf(logUntil(seconds, until(40)), DONE, later(seconds));
    expect(seen.settled).toBe(settled);
    if (settled)
      expect(seen.effect).toEqual({
        verdict: 'stopped',
        seenUntil: later(160),
        refusedBefore: 300,
        refusedAfter: 0,
        stoppedAfterSeconds: 40,
      });
  });

  test('that is there at once stopped after 0 s', () => {
    const { effect } = effectOf(logUntil(120, until(0)), DONE, later(120));
    expect(effect).toMatchObject({ verdict: 'stopped', stoppedAfterSeconds: 0 });
  });

  test('is not settled by a log that is known to be thin', () => {
    const { effect, settled } = effectOf(logUntil(300, until(40), { completeness: 0.79 }), DONE, later(300));
    expect([effect.verdict === 'stopped', settled]).toEqual([false, false]);
    expect(effectOf(logUntil(300, until(40), { completeness: 0.8 }), DONE, later(300)).settled).toBe(true);
  });

  test.each([
    ['half of what it was: it fell', (at: number) => (at < 0 ? 6 : 3), 'fell'],
    ['more than half: no effect', (at: number) => (at < 0 ? 6 : 4), 'none'],
    ['as much as before: no effect', () => 6, 'none'],
  ])('after 20 min is %s', (_what, refused, verdict) => {
    expect(effectOf(logUntil(1_199, refused), DONE, later(1_199)).settled).toBe(false);
    expect(effectOf(logUntil(1_200, refused), DONE, later(1_200))).toMatchObject({
      settled: true,
      effect: { verdict },
    });
  });

  test('is not claimed where nothing was refused before', () => {
    const { effect } = effectOf(
      logUntil(1_200, () => 0),
      DONE,
      later(1_200),
    );
    expect(effect).toMatchObject({ verdict: 'unreadable', nextStep: 'No request was refused in the 5 min before it' });
  });

  test('is not claimed of a log that ends with it, or where none could be read', () => {
    expect(effectOf(logUntil(30, until(0)), DONE, later(1_200)).effect).toMatchObject({
      verdict: 'unreadable',
      nextStep: 'The log does not reach beyond it yet',
    });
    const readings: Reading[] = [
      {
        kind: 'timeline',
        store: 'log',
        window: 'incident',
        readAt: DONE,
        state: 'unavailable',
        why: 'denied',
        nextStep: 'Give the role',
      },
    ];
    expect(effectOf({ ...logUntil(60, until(0)), readings }, DONE, later(60))).toEqual({
      effect: { verdict: 'unreadable', seenUntil: DONE, refusedBefore: 0, refusedAfter: 0, nextStep: 'Give the role' },
      settled: false,
    });
  });

  test('is told by the store that saw most', () => {
    const log = logUntil(300, until(40));
    const thin = logUntil(300, () => 9, { store: 'metric', rows: [] });
    const both = { ...log, readings: [...thin.readings, ...log.readings] };
    expect(effectOf(both, DONE, later(300)).effect.verdict).toBe('stopped');
  });
});

test('it is looked at eight times within twenty minutes, at each of them once', () => {
  const looks: string[] = [];
  for (let at = nextLook(DONE, DONE); at !== null; at = nextLook(DONE, at)) looks.push(at.slice(11, 16));
  expect(looks).toEqual(['14:01', '14:02', '14:03', '14:04', '14:06', '14:09', '14:13', '14:20']);
  expect(nextLook(DONE, later(200))).toBe(later(240));
});

test('what is read begins five minutes before the action', () => {
  expect(effectWindow(DONE, later(60))).toEqual({ from: later(-300), to: later(60) });
});
