/** Chosen on the whole matrix of bench/fleet with several seeds each, on no single case. @see bench/RESULTS.md */
const WINDOWS = 1.5; // between probes, for an impatience of 1
const FEW_PLACES = 4; // a probe costs a small share relatively more
const MIN_WINDOWS = 0.5;
const MAX_WINDOWS = 7.5;
const BACKOFF = 2; // after each refused one: where many look for room, who has come last leaves it to the others,
const BACKOFF_MOST = 4; // at most so much longer,
const BACKOFF_AGE_WINDOWS = 3; // and who has waited longer than this, less and less
const CONTENT_WINDOWS = 5; // a start that takes so many windows in all probes no further
const CONTENT_FEW_WINDOWS = 0.6; // and so much more with one or two places: then a refusal is a large part of what one sends
const CONTENT_FEW_PLACES = 2;
const PATIENCE_WINDOWS = 8; // a longer start probes more
const PATIENCE_POWER = 6; // and steeply so: probes among equals only take from each other
const IMPATIENT_AFTER_WINDOWS = 2.5; // and waiting itself makes impatient, when the luckier ones are through
const IMPATIENT_POWER = 5;
const SMALL_REST = 0.75; // of a round: worth a probe at once, and all of it when that is served, instead of a whole window

/** How a start stands that holds places in the window. */
export type Outlook = {
  /** How long it has been busy, in windows. */
  ageWindows: number;
  /** Requests that wait. */
  waiting: number;
  /** Places held, at least 1. */
  held: number;
};

/** Windows that the whole start will have taken with the places held now. */
const projectedWindows = ({ ageWindows, waiting, held }: Outlook): number => ageWindows + waiting / held;

/** What is left when the own places are used: a whole window more, for a few. */
export const isSmallRest = ({ waiting, held }: Outlook): boolean => waiting <= held * SMALL_REST;

/** Whether what the places give is quick enough that a probe that was served is not followed by the next. */
export function isContent(outlook: Outlook): boolean {
  const few = outlook.held <= CONTENT_FEW_PLACES ? CONTENT_FEW_WINDOWS : 0;
  return !isSmallRest(outlook) && projectedWindows(outlook) <= CONTENT_WINDOWS + few;
}

/**
 * How long after the last probe the next may go, in windows: the longer the wait would be, the sooner.
 *
 * @param refused probes in a row that were
 * @param draw uniform in [0, 1), the same until the next probe is answered
 */
export function probeAfterWindows(outlook: Outlook, refused: number, draw: number): number {
  const impatience =
    (projectedWindows(outlook) / PATIENCE_WINDOWS) ** PATIENCE_POWER *
    Math.max(1, outlook.ageWindows / IMPATIENT_AFTER_WINDOWS) ** IMPATIENT_POWER;
  const spacing = (WINDOWS / impatience) * (1 + FEW_PLACES / outlook.held);
  const seniority = Math.max(1, outlook.ageWindows / BACKOFF_AGE_WINDOWS);
  const backoff = Math.max(1, Math.min(BACKOFF_MOST, BACKOFF ** refused) / seniority);
  return Math.min(MAX_WINDOWS, Math.max(MIN_WINDOWS, spacing) * backoff) * (0.5 + draw);
}
