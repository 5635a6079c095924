import { expect, test } from 'vitest';
import { hoursEndAt } from '../../../shared/chat/hours.ts';
import type { Hours } from '../../../shared/model.ts';

const NIGHT: Hours = { from: '22:00', to: '07:00' };

// 2026-01-05 is a Monday; Paris is UTC+1 in winter, and changes its clocks on 2026-03-29 and 2026-10-25.
test.each<[string, Hours, string, string | null]>([
  ['before they begin', NIGHT, '2026-01-05T20:59:59.999Z', null],
  ['from their first minute', NIGHT, '2026-01-05T21:00:00Z', '2026-01-06T06:00:00.000Z'],
  ['after midnight', NIGHT, '2026-01-06T05:59:59Z', '2026-01-06T06:00:00.000Z'],
  ['not in the minute that ends them', NIGHT, '2026-01-06T06:00:00Z', null],
  ['within a day', { from: '12:00', to: '13:00' }, '2026-01-05T11:30:00Z', '2026-01-05T12:00:00.000Z'],
  ['on the day that they begin', { ...NIGHT, days: ['mon'] }, '2026-01-06T05:00:00Z', '2026-01-06T06:00:00.000Z'],
  ['not on the day after', { ...NIGHT, days: ['mon'] }, '2026-01-06T22:00:00Z', null],
  ['in a zone of their own', { ...NIGHT, timeZone: 'Asia/Tokyo' }, '2026-01-05T13:00:00Z', '2026-01-05T22:00:00.000Z'],
  ['over a night that is an hour shorter', NIGHT, '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z'],
  ['over a night that is an hour longer', NIGHT, '2026-10-24T22:00:00Z', '2026-10-25T06:00:00.000Z'],
])('hours hold %s', (_when, hours, at, endsAt) => {
  expect(hoursEndAt(hours, at, 'Europe/Paris')).toBe(endsAt);
});
