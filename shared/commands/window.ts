import { parseDurationMs } from '../config/duration.ts';
import { momentOf, offsetMs } from '../config/time-zone.ts';
import type { Time } from '../model.ts';

/** A stretch of time as it is typed: `15m`, `2h`, `last 2h`, `since 09:00`. */
export type WindowChoice = { backMs: number } | { sinceMinutes: number };

/** More seconds than these are not asked of a log at once. */
const LONGEST_WINDOW_MS = 24 * 3_600_000;

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;

export type TakenWindow = { ok: true; rest: string[]; window?: WindowChoice } | { ok: false; problem: string };

/** Takes a window off the end of what was typed; none there is no problem. */
export function takeWindow(words: readonly string[]): TakenWindow {
  const last = words.at(-1)?.toLowerCase();
  const beforeLast = words.at(-2)?.toLowerCase();
  if (last === undefined) return { ok: true, rest: [] };
  if (beforeLast === 'since') {
    const clock = CLOCK.exec(last);
    if (!clock) return { ok: false, problem: "'since' takes a time of day, as in since 09:00" };
    return { ok: true, rest: words.slice(0, -2), window: { sinceMinutes: Number(clock[1]) * 60 + Number(clock[2]) } };
  }
  if (last === 'since') return { ok: false, problem: "'since' takes a time of day, as in since 09:00" };
  const backMs = parseDurationMs(last);
  if (backMs === undefined) return { ok: true, rest: [...words] };
  if (backMs > LONGEST_WINDOW_MS) return { ok: false, problem: 'a window is at most 24h' };
  return { ok: true, rest: words.slice(0, beforeLast === 'last' ? -2 : -1), window: { backMs } };
}

/**
 * The window as times, in whole minutes and at least one. `since` is the last moment at which clocks in the zone showed it;
 * one that a change of clocks skipped is the moment after the gap.
 *
 * @param timeZone IANA name
 */
export function windowAt(choice: WindowChoice, nowMs: number, timeZone: string): { from: Time; to: Time } {
  const toMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const wantedMs = 'backMs' in choice ? nowMs - choice.backMs : lastAt(choice.sinceMinutes, nowMs, timeZone);
  const fromMs = Math.min(Math.floor(wantedMs / MINUTE_MS) * MINUTE_MS, toMs - MINUTE_MS);
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function lastAt(minutesOfDay: number, nowMs: number, timeZone: string): number {
  const localNowMs = nowMs + offsetMs(nowMs, timeZone);
  const midnightMs = Math.floor(localNowMs / (DAY_MINUTES * MINUTE_MS)) * DAY_MINUTES * MINUTE_MS;
  for (const daysBack of [0, 1]) {
    const localMs = midnightMs - daysBack * DAY_MINUTES * MINUTE_MS + minutesOfDay * MINUTE_MS;
    const atMs = momentOf(localMs, timeZone);
    if (atMs <= nowMs) return atMs;
  }
  return nowMs - DAY_MINUTES * MINUTE_MS;
}
