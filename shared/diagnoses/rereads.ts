import type { RunRow } from '../evidence/runs.ts';

/** A process that ends and is started again waits from seconds to the five minutes at which Kubernetes stops waiting longer. */
export const RESTART_GAP_MIN_MS = 8_000;
export const RESTART_GAP_MAX_MS = 400_000;
/** A new process has no token: most runs begin with a challenge; the join loses a few where addresses are shared. */
const RESTART_CHALLENGES_MIN = 0.6;
/** Runs that were cut short by refusals draw more; with one for every fourth read it is the client that is new each time. */
const RESTART_CHALLENGES_MAX = 1.5;
const RESTART_CHALLENGES_PER_READ_MAX = 0.25;
/** Of one or two secrets there is no order, and a client for each call draws as many challenges as a process for each. */
export const RESTART_SET_MIN = 3;
/** The same code reads its settings in the same order; behind a shared address the orders of several are mixed. */
const SAME_ORDER_MIN = 0.5;
const SHARED_READS_MIN = 1.5;
/** An instance re-reads its whole set (field-notes 12); pieces of work read now this and now that of it. */
const RESTART_WHOLE_MIN = 0.5;
/** Then their common rhythm has to tell: calls that come by chance leave gaps that vary by about half of their mean. */
const SHARED_VARIATION_MAX = 0.4;
/** A process reads its set at its start and is then quiet; reads that fill the gap are something else. */
const RESTART_BUSY_MAX = 0.6;

/** A timer keeps its period; work that comes at random varies by about as much as its mean (field-notes 12). */
export const POLLING_VARIATION_MAX = 0.2;
/** Waits after refusals move what a timer began; the whole set in one order each time is then still no work at random, */
const POLLING_REFUSED_VARIATION_MAX = 0.4;
const POLLING_REFUSED_SAME_MIN = 0.9;
/** nor is the whole of a set that no piece of work needs, in whatever order parallel reads arrive. */
const POLLING_LARGE_SET_MIN = 8;
/** The whole set is read at once each time; entries of a cache expire each on its own. */
export const POLLING_WHOLE_MIN = 0.6;
const POLLING_BUSY_MAX = 0.5;
/** A timer goes on; rounds within less than this are retries that back off as advised: 1, 2, 4, 8, 16 s are half a minute. */
const POLLING_LASTS_MIN_MS = 35_000;
/** A client that is kept draws no challenge, but for a token each hour; a process that restarts draws one each time. */
export const POLLING_CHALLENGES_MAX = 0.4;

/** Of the addresses that are watched, and challenges for each time that they read their set: a token each hour, no more. */
const LIVING_MIN = 0.5;
const LIVING_CHALLENGES_MAX = 0.1;

/** Instances start again and again, and each reads its whole set anew. */
export function restartsAgain(row: RunRow): boolean {
  const { gapMsP50, challengesEach, setSize, wholeShare, busyShare, sameOrderShare, gapVariation } = row;
  return (
    gapMsP50 >= RESTART_GAP_MIN_MS &&
    gapMsP50 <= RESTART_GAP_MAX_MS &&
    setSize >= RESTART_SET_MIN &&
    challengesEach !== null &&
    challengesEach >= RESTART_CHALLENGES_MIN &&
    challengesEach <= Math.max(RESTART_CHALLENGES_MAX, RESTART_CHALLENGES_PER_READ_MAX * setSize) &&
    wholeShare >= RESTART_WHOLE_MIN &&
    busyShare <= RESTART_BUSY_MAX &&
    (sameOrderShare >= SAME_ORDER_MIN || (sharesAddresses(row) && gapVariation <= SHARED_VARIATION_MAX))
  );
}

/**
 * Instances that live on read their whole set on a timer.
 *
 * @param refused requests of the caller: those that are asked again come later than the timer would have them
 */
export function pollsOnTimer(row: RunRow, refused: number): boolean {
  const { gapMsP50, runsEach, gapVariation, wholeShare, busyShare, challengesEach } = row;
  return (
    gapVariation < (refused > 0 && isAlikeEachTime(row) ? POLLING_REFUSED_VARIATION_MAX : POLLING_VARIATION_MAX) &&
    wholeShare >= POLLING_WHOLE_MIN &&
    busyShare <= POLLING_BUSY_MAX &&
    runsEach * gapMsP50 >= POLLING_LASTS_MIN_MS &&
    (challengesEach ?? 0) <= POLLING_CHALLENGES_MAX
  );
}

function isAlikeEachTime(row: RunRow): boolean {
  const { setSize, wholeShare, sameOrderShare } = row;
  const isOne = sameOrderShare >= POLLING_REFUSED_SAME_MIN || setSize >= POLLING_LARGE_SET_MIN;
  return isOne && wholeShare >= POLLING_REFUSED_SAME_MIN && setSize >= RESTART_SET_MIN && !sharesAddresses(row);
}

/** Instances that read their set again and again and draw no challenge live on: none of them is starting. */
export function livesOn(row: RunRow): boolean {
  const { rereading, watched, challengesEach } = row;
  return !sharesAddresses(row) && rereading >= LIVING_MIN * watched && (challengesEach ?? 1) <= LIVING_CHALLENGES_MAX;
}

/** Several instances run at one time behind each address: how many there are cannot be told. */
export function sharesAddresses({ readsEach }: RunRow): boolean {
  return readsEach >= SHARED_READS_MIN;
}
