import { momentOf, offsetMs } from '../config/time-zone.ts';
import type { Hours, Time } from '../model.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * When the hours end that hold at the time; null where none do. They are told by the clocks of their zone, so one that a
 * change of clocks makes longer or shorter ends when the clocks say so.
 *
 * @param timeZone IANA name, for hours that name none
 */
export function hoursEndAt(hours: Hours, at: Time, timeZone: string): Time | null {
  const zone = hours.timeZone ?? timeZone;
  const atMs = Date.parse(at);
  const localMs = atMs + offsetMs(atMs, zone);
  const todayMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  for (const beganMs of [todayMs, todayMs - DAY_MS]) {
    const day = DAYS[new Date(beganMs).getUTCDay()];
    if (hours.days && (day === undefined || !hours.days.includes(day))) continue;
    const fromMs = beganMs + minutesOf(hours.from) * MINUTE_MS;
    const toMs = beganMs + minutesOf(hours.to) * MINUTE_MS + (hours.to <= hours.from ? DAY_MS : 0);
    if (fromMs <= localMs && localMs < toMs) return new Date(momentOf(toMs, zone)).toISOString();
  }
  return null;
}

function minutesOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}
