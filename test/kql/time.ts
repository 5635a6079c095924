import { KqlError } from './error.ts';

export const UNIT_US: Readonly<Record<string, number>> = {
  d: 86_400_000_000,
  day: 86_400_000_000,
  days: 86_400_000_000,
  h: 3_600_000_000,
  hr: 3_600_000_000,
  hrs: 3_600_000_000,
  hour: 3_600_000_000,
  hours: 3_600_000_000,
  m: 60_000_000,
  min: 60_000_000,
  minute: 60_000_000,
  minutes: 60_000_000,
  s: 1_000_000,
  sec: 1_000_000,
  second: 1_000_000,
  seconds: 1_000_000,
  ms: 1_000,
  milli: 1_000,
  millis: 1_000,
  millisec: 1_000,
  millisecond: 1_000,
  milliseconds: 1_000,
  micro: 1,
  micros: 1,
  microsec: 1,
  microsecond: 1,
  microseconds: 1,
};
export const DAY_US = 86_400_000_000;

const DATETIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Microseconds since 1970 of an ISO 8601 text, UTC where it says nothing else; null for any other text. */
export function parseDatetime(text: string): number | null {
  const found = DATETIME.exec(text.trim());
  if (found === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = found;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const ms = Date.UTC(...parts);
  const read = new Date(ms);
  const [, ...rest] = parts;
  const back = [read.getUTCMonth(), read.getUTCDate(), read.getUTCHours(), read.getUTCMinutes(), read.getUTCSeconds()];
  if (rest.some((part, index) => part !== back[index])) return null;
  return ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6)) - zoneUs(zone);
}

function zoneUs(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number);
  return (zone.startsWith('-') ? -1 : 1) * ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000_000;
}

/** As text of a query or inside a dynamic value: seven digits after the point. */
export function formatDatetime(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1_000_000).padStart(6, '0')}0Z`;
}

/** Microseconds of `1.02:03:04.5`, of `1h` and of a plain number of days; null for any other text. */
export function parseTimespan(text: string): number | null {
  const trimmed = text.trim();
  const unit = /^(-?\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(trimmed);
  if (unit !== null) {
    if (/^ticks?$/i.test(unit[2] ?? '')) return wholeUs(Number(unit[1]) / 10, trimmed);
    const us = UNIT_US[(unit[2] ?? '').toLowerCase()];
    return us === undefined ? null : wholeUs(Number(unit[1]) * us, trimmed);
  }
  if (/^-?\d+$/.test(trimmed)) return Number(trimmed) * DAY_US;
  const clock = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?$/.exec(trimmed);
  if (clock === null) return null;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === undefined ? 1 : -1) * (whole * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6)));
}

function wholeUs(us: number, text: string): number {
  const rounded = Math.round(us);
  if (Math.abs(us - rounded) > 1e-6) throw new KqlError(`${text} is no whole number of microseconds`);
  return rounded;
}

/** `[-][d.]hh:mm:ss[.fffffff]` */
export function formatTimespan(us: number): string {
  const size = Math.abs(us);
  const days = Math.floor(size / DAY_US);
  const seconds = Math.floor((size % DAY_US) / 1_000_000);
  const fraction = size % 1_000_000;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const point = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}0`;
  return `${us < 0 ? '-' : ''}${days === 0 ? '' : `${days}.`}${clock}${point}`;
}

/** Days from the service's first day, 0001-01-01, to 1970-01-01: bins of a datetime are counted from there. */
const DAYS_BEFORE_1970 = 719_162n;

/** The start of the bin that a datetime lies in. */
export function binDatetime(us: number, sizeUs: number): number {
  const aheadUs = Number((DAYS_BEFORE_1970 * BigInt(DAY_US)) % BigInt(sizeUs));
  return Math.floor((us + aheadUs) / sizeUs) * sizeUs - aheadUs;
}

/** Calendar parts, in UTC. */
export function dateOf(us: number): Date {
  return new Date(Math.floor(us / 1000));
}

/** The start of the year, month, week (Sunday), day, hour and so on of a datetime, `offset` of them later. */
export function startOf(period: string, us: number, offset = 0): number {
  const date = dateOf(us);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (period) {
    case 'year':
      return Date.UTC(year + offset, 0, 1) * 1000;
    case 'quarter':
      return Date.UTC(year, Math.floor(month / 3) * 3 + 3 * offset, 1) * 1000;
    case 'month':
      return Date.UTC(year, month + offset, 1) * 1000;
    case 'week':
      return Date.UTC(year, month, day - date.getUTCDay() + 7 * offset) * 1000;
    default: {
      const unitUs = UNIT_US[period];
      if (unitUs === undefined) throw new KqlError(`unknown period ${period}`);
      return (Math.floor(us / unitUs) + offset) * unitUs;
    }
  }
}

function quarterOf(date: Date): number {
  return date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3);
}

/** How many boundaries of a period lie between two datetimes, as `datetime_diff` counts them. */
export function periodsBetween(period: string, toUs: number, fromUs: number): number {
  const [to, from] = [dateOf(toUs), dateOf(fromUs)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  switch (period) {
    case 'year':
      return to.getUTCFullYear() - from.getUTCFullYear();
    case 'quarter':
      return quarterOf(to) - quarterOf(from);
    case 'month':
      return months;
    case 'week':
      return (startOf('week', toUs) - startOf('week', fromUs)) / (7 * DAY_US);
    case 'nanosecond':
      return (toUs - fromUs) * 1000;
    default: {
      const unitUs = UNIT_US[period];
      if (unitUs === undefined) throw new KqlError(`unknown period ${period}`);
      return Math.floor(toUs / unitUs) - Math.floor(fromUs / unitUs);
    }
  }
}
