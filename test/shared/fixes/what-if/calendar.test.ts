import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCalendar } from '../../../../shared/fixes/what-if/calendar.ts';

const SLOT_MS = 4;

test('everything happens once, in order of time to within a slot, and nothing after the end', () => {
  void fc.assert(
    fc.property(fc.array(fc.nat(3_000), { maxLength: 200 }), (times) => {
      const calendar = createCalendar(2_000, times.length);
      for (const [id, timeMs] of times.entries()) calendar.put(timeMs, id);
      const happened: number[] = [];
      calendar.playThrough((timeMs, id) => {
        expect(Math.abs(timeMs - (times[id] ?? 0))).toBeLessThan(SLOT_MS);
        happened.push(times[id] ?? 0);
        return true;
      });
      const due = times.filter((timeMs) => timeMs < 2_000 + SLOT_MS).sort((a, b) => a - b);
      expect([...happened].sort((a, b) => a - b)).toEqual(due);
      for (const [index, timeMs] of happened.entries())
        expect(timeMs).toBeGreaterThan((happened[index - 1] ?? 0) - SLOT_MS);
    }),
  );
});

test('what is put for now comes in a later slot, so that it ends', () => {
  const calendar = createCalendar(100, 1);
  calendar.put(0, 0);
  let times = 0;
  calendar.playThrough((timeMs, id) => {
    times++;
    calendar.put(timeMs, id);
    return true;
  });
  expect(times).toBe(100 / SLOT_MS + 1);
});

test('it ends early when told so', () => {
  const calendar = createCalendar(100, 3);
  for (const id of [0, 1, 2]) calendar.put(id * 10, id);
  const seen: number[] = [];
  calendar.playThrough((_, id) => seen.push(id) < 2);
  expect(seen).toEqual([0, 1]);
});
