import { callerId, durationText, type FixContext, type FixRule, type Snippets, snippetFor } from './fix.ts';
import { readEvery } from './what-if/poll.ts';

/** Intervals that are tried, shortest first: what was rotated should not be read later than it must. */
const INTERVALS_S = [300, 900, 1800, 3600] as const;
/** Where the load could not be replayed. */
const USUAL_INTERVAL_S = 3600;
/** An interval is long enough when at most this share of the refusals is left. */
const LEFT_SHARE = 0.01;

/** What polls reads its whole set less often. */
export const refreshInterval: FixRule = {
  id: 'refresh-interval',
  invasiveness: 1,
  changesCaller: true,
  propose(context) {
    const caller = callerId(context);
    const seconds = shortestInterval(context);
    return {
      title: `Read every ${durationText(seconds)}`,
      ...snippetFor(context, SNIPPETS),
      change: readEvery(caller, seconds),
    };
  },
};

function shortestInterval(context: FixContext): number {
  const { whatIf } = context;
  if (whatIf === null) return USUAL_INTERVAL_S;
  const enough = INTERVALS_S.find((seconds) => {
    const { throttledBefore, throttledAfter } = whatIf.predict(readEvery(callerId(context), seconds));
    return throttledAfter <= LEFT_SHARE * throttledBefore;
  });
  return enough ?? USUAL_INTERVAL_S;
}

const SNIPPETS: Snippets = {};
