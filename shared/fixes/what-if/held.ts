import type { Random } from '../../ports.ts';
import { type Member, total } from './fleet.ts';

const BIN_MS = 10_000;

/** Of something that was asked for before the stretch: how long before, ms, and how much time lies between two such times. */
export type Asked = { agoMs: number; everyMs: number };

/**
 * When something was last asked for, by a number from 0 to 1 that is drawn for it: as many as were asked for since then are
 * younger; null where it lies before the log.
 */
export function askedBy(
  { habits: { askedBefore }, knownForMs }: Member,
  things: number,
  usualEveryMs: number,
): (drawn: number) => Asked | null {
  const { bins: quietBins } = quietBefore(askedBefore);
  const askedSince: number[] = [];
  for (const asked of askedBefore.slice(quietBins)) askedSince.push((askedSince.at(-1) ?? 0) + asked);
  const agoMs = (drawn: number): number => {
    if (askedBefore.length === 0) return drawn * usualEveryMs;
    const bins = askedSince.findIndex((asked) => asked > drawn * things);
    return bins < 0 ? Number.POSITIVE_INFINITY : (quietBins + bins) * BIN_MS;
  };
  const everyMs = Math.max(BIN_MS, agoMs(1) - quietBins * BIN_MS);
  return (drawn) => {
    const ago = agoMs(drawn);
    return ago < knownForMs ? { agoMs: ago, everyMs } : null;
  };
}

/** Seconds are too few to tell a silence by, and so are callers that ask for less than this in a minute. */
const MINUTE_BINS = 6;
const TELLING_PER_MINUTE = 20;
const QUIET_SHARE = 0.75;

/**
 * For how many bins before the stretch a caller has asked for clearly less than it usually does, and which share of it had
 * fallen silent: who comes back after them asked for nothing meanwhile.
 */
export function quietBefore(askedBefore: readonly number[]): { bins: number; share: number } {
  const minutes = Array.from({ length: Math.floor(askedBefore.length / MINUTE_BINS) }, (_, minute) =>
    total(askedBefore.slice(MINUTE_BINS * minute, MINUTE_BINS * (minute + 1))),
  );
  const usual = minutes.toSorted((a, b) => a - b)[Math.floor(minutes.length / 2)] ?? 0;
  const quiet = minutes.findIndex((asked) => asked >= QUIET_SHARE * usual);
  if (quiet <= 0 || usual < TELLING_PER_MINUTE) return { bins: 0, share: 1 };
  return { bins: MINUTE_BINS * quiet, share: 1 - total(minutes.slice(0, quiet)) / quiet / usual };
}

/**
 * Until when, ms after the stretch begins, a cache would hold what it has held since before the log began: what it held
 * then expires at some time of the first period, and is read again when it is asked for next.
 */
export function heldUntilMs(
  asked: Asked | null,
  { ttlMs, knownForMs }: { ttlMs: number; knownForMs: number },
  random: Random,
): number {
  let untilMs = random() * ttlMs - knownForMs;
  if (asked === null) return untilMs;
  const { agoMs, everyMs } = asked;
  while (untilMs <= -agoMs)
    untilMs =
      ttlMs - agoMs - (everyMs === Number.POSITIVE_INFINITY ? 0 : everyMs * Math.floor((-agoMs - untilMs) / everyMs));
  return untilMs;
}
