import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSlots } from '../../../shared/pacing/slots.ts';

describe('slots', () => {
  test('are one interval apart, and a quiet time leaves room for a burst', () => {
    const slots = createSlots({ intervalMs: 1_000, burst: 3 });
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => slots.reserve(name, 10_000))).toEqual([
      10_000, 10_000, 10_000, 11_000, 12_000,
    ]);
    expect(slots.reserve('f', 60_000)).toBe(60_000);
  });

  test('are kept for whoever has one, until it is used', () => {
    const slots = createSlots({ intervalMs: 1_000 });
    slots.reserve('a', 0);
    expect([slots.reserve('b', 0), slots.reserve('b', 500), slots.reserve('b', 1_200)]).toEqual([1_000, 1_000, 1_200]);
    slots.use('b');
    expect(slots.reserve('b', 1_200)).toBe(2_200);
  });

  test('of those that come late, all at once, are spaced by when the others really went', () => {
    const slots = createSlots({ intervalMs: 1_000 });
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) slots.reserve(name, 0);
    const went: number[] = [];
    const waiting = new Map(names.map((name) => [name, 10_000]));
    for (let now = 10_000; waiting.size > 0; now += 500)
      for (const [name, dueAt] of waiting) {
        if (dueAt > now) continue;
        const at = slots.reserve(name, now);
        waiting.set(name, at);
        if (at > now) continue;
        slots.use(name);
        waiting.delete(name);
        went.push(now);
      }
    expect(went).toEqual([10_000, 11_000, 12_000, 13_000]);
  });

  test('of what is urgent come before those that wait', () => {
    const slots = createSlots({ intervalMs: 1_000 });
    expect(['a', 'b', 'c'].map((name) => slots.reserve(name, 0))).toEqual([0, 1_000, 2_000]);
    expect(slots.reserve('urgent', 0, true)).toBe(1_000);
    expect(slots.reserve('urgent', 1_000, true)).toBe(1_000);
    expect(slots.reserve('b', 1_000)).toBe(2_000);
    expect(slots.reserve('b', 2_000)).toBe(2_000);
    expect(slots.reserve('c', 2_000)).toBe(3_000);
  });

  test('begin anew after a refusal, at twice the interval, for as long as was asked', () => {
    const slots = createSlots({ intervalMs: 1_000 });
    for (const name of ['a', 'b', 'c']) slots.reserve(name, 0);
    slots.use('a');
    slots.refused(100, 30_000);
    expect(['b', 'c', 'd'].map((name) => slots.reserve(name, 1_000))).toEqual([30_100, 32_100, 34_100]);
  });

  test('come closer together again as they are served, never closer than they may', () => {
    const slots = createSlots({ intervalMs: 1_000 });
    slots.refused(0, null);
    for (let served = 0; served < 30; served += 1) slots.served();
    slots.reserve('a', 100_000);
    expect(slots.reserve('b', 100_000)).toBe(101_000);
  });

  test('never let more through in any time than rate and burst allow, whoever asks whenever', () => {
    const asks = fc.array(fc.nat({ max: 3_000 }), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 5 }), (gaps, burst) => {
        const slots = createSlots({ intervalMs: 1_000, burst });
        let now = 0;
        const granted = gaps.map((gap, i) => {
          now += gap;
          return slots.reserve(String(i), now);
        });
        for (const [i, at] of granted.entries()) {
          const later = granted[i + burst];
          if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(1_000);
        }
      }),
      { numRuns: 50 },
    );
  });
});
