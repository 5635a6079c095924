import { quotaResetMs } from '../../pacing/retry-after.ts';

/** How many queries the identity of this process may still send, as the answers of Resource Graph say. */
export type Quota = {
  /** When the next query may go, epoch ms: `now` at the earliest. */
  nextAt(now: number): number;
  /** A query goes now. */
  sent(): void;
  /** An answer is there, with its headers `x-ms-user-quota-remaining` and `x-ms-user-quota-resets-after` (hh:mm:ss). */
  answered(remaining: string | undefined, resetsAfter: string | undefined, now: number): void;
  /** No answer came. */
  failed(): void;
};

/** The whole window, where an answer says that nothing is left and not for how long. @see facts: 15 queries in 5 s */
const WINDOW_MS = 5_000;

/**
 * Holds queries back once the quota is used up, instead of learning it from a refusal. Others share the quota, so each answer
 * replaces what was thought before.
 *
 * @see https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
 */
export function createQuota(): Quota {
  let left = Number.POSITIVE_INFINITY;
  let resetsAt = 0;
  let underWay = 0;
  return {
    nextAt: (now) => (left > 0 || now >= resetsAt ? now : resetsAt),
    sent() {
      underWay += 1;
      left -= 1;
    },
    answered(remaining, resetsAfter, now) {
      underWay = Math.max(0, underWay - 1);
      if (remaining === undefined || !/^\d{1,6}$/.test(remaining)) return;
      left = Number(remaining) - underWay;
      resetsAt = now + (quotaResetMs(resetsAfter) ?? WINDOW_MS);
    },
    failed() {
      underWay = Math.max(0, underWay - 1);
    },
  };
}
