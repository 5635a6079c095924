/** A refusal and the next try of the same caller, address and target belong together when no more than this lies between. */
export const CHAIN_GAP_US = 120_000_000;
/** Minutes from that of a refusal in which its retry may lie. */
export const CONTESTED_MINUTES = [0, 1, 2];
/** An instance that was silent for this long and asks again has started, or works in sessions. */
export const SESSION_IDLE_US = 120_000_000;
/** A need served this often, and at least once in this time, is asked faster than a retry waits. */
export const HOT_SERVED = 5;
export const HOT_EVERY_US = 10_000_000;
/** A challenge or an anonymous refusal is joined to what follows within this time (field-notes 4). */
export const FOLLOWS_WITHIN_US = 10_000_000;
/** What is replayed begins this long before the first refusal and ends this long after the last, two hours at most. */
export const STORM_LEAD_S = 300;
export const STORM_TAIL_S = 120;
export const STORM_LONGEST_S = 7_200;
/** The hour before the onset ends a little before it, so that the climb itself is no baseline. */
export const BASELINE_GAP_US = 300_000_000;
const BASELINE_LENGTH_US = 3_600_000_000;

/** How far before the window a store is read, for the hour before the onset. */
export const EARLIER_US = BASELINE_GAP_US + BASELINE_LENGTH_US;
