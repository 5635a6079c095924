import type { Time } from '../model.ts';
import { cleanText } from './clean.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d\d:?\d\d))?)?$/i;
/** As legacy log alerts write it: `1/5/2026 9:50:00 AM`, always UTC. */
const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?: ?([AP])M)?$/i;
const EPOCH = /^\d{9,13}$/;
/** Epoch numbers below this are seconds, others milliseconds: it is the year 5138 in seconds, 1973 in milliseconds. */
const EPOCH_MS_FROM = 1e11;

/** Neither Azure Monitor's common schema nor SNS alarms with an ARN are older; earlier times are defaults or faults. */
const EARLIEST: Time = '2015-01-01T00:00:00.000Z';
const MAX_AHEAD_MS = 24 * 60 * 60_000;

/**
 * The one spelling of time from any that alert senders use: ISO with up to 9 fraction digits and any offset (none means
 * UTC), US dates, epoch seconds or milliseconds. Null for everything else, dates that do not exist included.
 */
export function normaliseTime(value: unknown): Time | null {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string' || value.length > 40) return null;
  const text = value.trim();
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', offset = 'Z'] = iso;
    const ms = utc(+(year ?? 0), +(month ?? 0), +(day ?? 0), +hour, +minute, +second);
    return ms === null ? null : write(ms + Number(fraction.padEnd(3, '0').slice(0, 3)) - offsetMs(offset));
  }
  const us = US.exec(text);
  if (us) {
    const [, month, day, year, hour, minute, second, half] = us;
    const ms = utc(
      +(year ?? 0),
      +(month ?? 0),
      +(day ?? 0),
      hourOf(+(hour ?? 0), half),
      +(minute ?? 0),
      +(second ?? 0),
    );
    return ms === null ? null : write(ms);
  }
  return EPOCH.test(text) ? fromEpoch(Number(text)) : null;
}

function fromEpoch(epoch: number): Time | null {
  if (!Number.isFinite(epoch) || epoch < 0) return null;
  return write(Math.trunc(epoch < EPOCH_MS_FROM ? epoch * 1_000 : epoch));
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return -1;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number | null {
  if (month < 1 || month > 12 || hour < 0 || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) return null;
  return date.setUTCHours(hour, minute, second);
}

/** Null outside the years 0 to 9999, which have another spelling. */
function write(ms: number): Time | null {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  const text = new Date(ms).toISOString();
  return text.length === 24 ? text : null;
}

/** A time that can be worked with, and what to tell the reader when it is not the one that was sent. */
export type Moment = { at: Time; note?: string };

/**
 * The time of a field if it is plausible: not before 2015, not over a day after receipt. Otherwise the fallback (the
 * time of receipt unless the caller knows better) stands in, with a note that says so.
 */
export function plausibleTime(value: unknown, field: string, receivedAt: Time, fallback: Time = receivedAt): Moment {
  const time = normaliseTime(value);
  if (time !== null && time >= EARLIEST && time <= latestFor(receivedAt)) return { at: time };
  const standIn = fallback === receivedAt ? 'the time of receipt stands in' : `${fallback} stands in`;
  if (value === undefined || value === null || value === '') return { at: fallback, note: `no ${field}: ${standIn}` };
  const said = typeof value === 'string' || typeof value === 'number' ? ` '${cleanText(String(value), 40)}'` : '';
  return { at: fallback, note: `implausible ${field}${said}: ${standIn}` };
}

function latestFor(receivedAt: Time): Time {
  return new Date(Date.parse(receivedAt) + MAX_AHEAD_MS).toISOString();
}

const DURATION = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?$/i;

/** Seconds of an ISO 8601 duration such as `PT5M`; undefined for anything else and for nothing. */
export function durationSeconds(value: unknown): number | undefined {
  const match = typeof value === 'string' && value.length <= 40 ? DURATION.exec(value) : null;
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  const total = ((+days * 24 + +hours) * 60 + +minutes) * 60 + +seconds;
  return total > 0 ? total : undefined;
}
