/** How a caller goes on after a refusal, as far as the log shows it. */
export type Pacing = Loop | { way: 'gives-up' } | { way: 'backs-off' };

/** `seen`: its waits one by one; else what stands out after refusals. `clear`: 0 where it only just shows, 1 where it is plain. */
export type Loop = { way: 'loops'; seen: boolean; waitMs: number | null; clear: number };

/** Retries for each refusal, with room for chance: a library makes more than this at any rate of refusals. */
export const ANSWERED_MAX = 0.4;
export const CHANCE_ERRORS = 2;
export const SOME_ERRORS = 1.5;
