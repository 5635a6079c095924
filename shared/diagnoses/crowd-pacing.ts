import type { AttemptRow } from '../evidence/attempts.ts';
import type { RetryRow } from '../evidence/retries.ts';
import { ANSWERED_MAX, CHANCE_ERRORS, type Pacing, SOME_ERRORS } from './pacing.ts';
import type { RetryEcho } from './retry-echo.ts';
import { retryTideOf } from './retry-tide.ts';

/** In a crowd the load tells as a whole whether refusals come back, as long as most of it is not refusals themselves; */
const CROWD_MANY_MIN = 1.5;
const TIDE_REFUSED_MAX = 0.5;
/** that much more comes back than would by chance of more of them: */
const TIDE_LOOP_REFUSED_MAX = 0.75;
/** of three retries of one wait three in four refusals are asked again; of a library's, sooner than it waits, none, of Python's half. */
const TIDE_EARLY_MIN = 0.6;
/** Who gives up does not ask for the rest of its piece of work; so many fewer are a load that waits for its answers. */
const TIDE_FEWER_MAX = 6;

/** One refusal has one retry at most, but for chance. */
const RETRIES_MAX = 1.5;

/**
 * How a caller goes on after a refusal where its needs are too few and too busy to tell one from another, as far as its load
 * as a whole shows it.
 */
export function pacingOfCrowd(
  { caller, refused, attempts }: RetryRow,
  tries: readonly AttemptRow[],
  echo: RetryEcho | null,
): Pacing | null {
  // Elsewhere needs differ, and tell more.
  if (echo !== null && echo.crowd < CROWD_MANY_MIN) return null;
  const tide = refused > TIDE_LOOP_REFUSED_MAX * attempts ? null : retryTideOf(tries, caller);
  if (tide === null) return null;
  const { early, soon, all } = tide;
  if (early.tries - CHANCE_ERRORS * early.error > TIDE_EARLY_MIN)
    return { way: 'loops', seen: false, waitMs: null, clear: Math.min(1, early.tries - TIDE_EARLY_MIN) };
  if (refused > TIDE_REFUSED_MAX * attempts || Math.min(soon.tries, all.tries) < -TIDE_FEWER_MAX) return null;
  const isNone =
    soon.tries + CHANCE_ERRORS * soon.error < ANSWERED_MAX && all.tries + SOME_ERRORS * all.error < ANSWERED_MAX;
  return isNone && (echo === null || !answersSome(echo)) ? { way: 'gives-up' } : null;
}

/** Needs show retries for their refusals, and no more than a refusal can have. */
function answersSome({ retries, retriesError }: RetryEcho): boolean {
  return retries - CHANCE_ERRORS * retriesError > ANSWERED_MAX && retries < RETRIES_MAX;
}
