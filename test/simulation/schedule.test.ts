import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSchedule } from '../../simulation/schedule.ts';

test('runs what is planned in order of time, ties in order of planning, and nothing at or after the end', () => {
  void fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
      const schedule = createSchedule(0);
      const ran: { time: number; index: number; now: number }[] = [];
      for (const [index, time] of times.entries())
        schedule.at(time, () => ran.push({ time, index, now: schedule.now() }));
      schedule.playUntil(40);
      const expected = times
        .map((time, index) => ({ time, index, now: time }))
        .filter(({ time }) => time < 40)
        .sort((a, b) => a.time - b.time || a.index - b.index);
      expect(ran).toEqual(expected);
      expect(schedule.now()).toBe(40);
    }),
  );
});

test('runs what is planned while it runs, never in the past', () => {
  const schedule = createSchedule(100);
  const ran: number[] = [];
  schedule.at(110, () => schedule.at(50, () => ran.push(schedule.now())));
  schedule.playUntil(200);
  expect(ran).toEqual([110]);
});
