import type { Episode, Time } from '../model.ts';

/** Requests of one resource in one minute. */
export type MinuteCount = {
  /** Minutes since the epoch. */
  minute: number;
  requests: number;
  refused: number;
};

/** What a person asked to be looked into: a time, or so long before the end of the log. */
export type TimeChoice = { at: Time } | { backMs: number };

export type Span = { from: Time; to: Time };

const MINUTE_MS = 60_000;
/** Refusals further apart than this are episodes of their own: what happens each hour is still one. */
const APART_MINUTES = 75;
/** Looked into before the first refusal, to see the climb, and after the last, to see it end. */
export const LEAD_MINUTES = 10;
export const TAIL_MINUTES = 30;
/** More seconds than this are not looked into at once: a longer log is searched for its worst episode, or its busiest day. */
const LONGEST_MINUTES = 24 * 60;

/** Stretches with refusals, in order of time; those less than 75 min apart are one. */
export function episodesOf(minutes: readonly MinuteCount[]): Episode[] {
  const refused = minutes.filter((each) => each.refused > 0).sort((a, b) => a.minute - b.minute);
  const found: { from: number; to: number; throttled: number }[] = [];
  for (const { minute, refused: throttled } of refused) {
    const last = found.at(-1);
    if (last !== undefined && minute - last.to < APART_MINUTES) {
      last.to = minute + 1;
      last.throttled += throttled;
    } else found.push({ from: minute, to: minute + 1, throttled });
  }
  return found.map(({ from, to, throttled }) => ({ from: timeOf(from), to: timeOf(to), throttled }));
}

/**
 * The part of the log that was asked for; `to` not after `from` where that is nothing.
 *
 * @param end of all logs, from which a duration counts back
 */
export function askedSpan(log: Span, end: Time, asked: { from?: TimeChoice; to?: TimeChoice }): Span {
  const read = (choice: TimeChoice | undefined): Time | undefined => {
    if (choice === undefined) return undefined;
    return 'at' in choice ? choice.at : new Date(Date.parse(end) - choice.backMs).toISOString();
  };
  return { from: read(asked.from) ?? log.from, to: read(asked.to) ?? log.to };
}

/**
 * What is looked into: what was asked for, where that is at most a day; else the worst episode with up to ten minutes of
 * records before and half an hour after it, else, where nothing was refused, everything up to a day around the busiest minute.
 *
 * @param log where the log of this resource begins and ends
 * @param wasAsked whether a person named the times
 * @returns the window, and the episodes of the log that lie outside it, in order of time
 */
export function chooseWindow(
  log: Span,
  minutes: readonly MinuteCount[],
  wasAsked: boolean,
): { window: Span; others: Episode[] } {
  const [from, to] = [minuteOf(log.from), Math.max(minuteOf(log.from) + 1, Math.ceil(Date.parse(log.to) / MINUTE_MS))];
  const episodes = episodesOf(minutes);
  const [worst] = episodes.toSorted((a, b) => b.throttled - a.throttled || (a.from < b.from ? -1 : 1));
  if (to - from <= LONGEST_MINUTES && wasAsked) return { window: log, others: [] };
  if (worst === undefined) {
    if (to - from <= LONGEST_MINUTES) return { window: spanOf(from, to), others: [] };
    const [busiest] = minutes.toSorted((a, b) => b.requests - a.requests || a.minute - b.minute);
    const end = Math.min(to, Math.max(from + LONGEST_MINUTES, (busiest?.minute ?? to) + LONGEST_MINUTES / 2));
    return { window: spanOf(end - LONGEST_MINUTES, end), others: [] };
  }
  const [firstRefused, end] = [minuteOf(worst.from), Math.min(to, minuteOf(worst.to) + TAIL_MINUTES)];
  const lead = minutes.filter(({ minute }) => minute >= firstRefused - LEAD_MINUTES && minute < firstRefused);
  // A log that begins, or goes on after a gap, just before holds no more: the same time a day before is then as short.
  const start = Math.max(from, Math.min(firstRefused, ...lead.map(({ minute }) => minute)));
  const others = episodes.filter((episode) => episode !== worst);
  return { window: spanOf(start, Math.min(Math.max(end, start + 1), start + LONGEST_MINUTES)), others };
}

function minuteOf(time: Time): number {
  return Math.floor(Date.parse(time) / MINUTE_MS);
}

function timeOf(minute: number): Time {
  return new Date(minute * MINUTE_MS).toISOString();
}

function spanOf(fromMinute: number, toMinute: number): Span {
  return { from: timeOf(fromMinute), to: timeOf(toMinute) };
}
