import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { unansweredIn } from './unanswered.ts';

const row = z.object({
  /** Epoch ms at which the minute begins. */
  minuteMs: z.number(),
  /** Object and app id of the identity, lower-cased; empty where the table holds none. */
  objectId: z.string(),
  appId: z.string(),
  /** `0`: a token was given; else the code of the error, or `Failure`. */
  code: z.string(),
  signIns: z.number(),
});

export type IdentityRow = z.infer<typeof row>;

/** Challenges that nothing followed, without which nothing points at the tokens: a scanner or two leaves some on any day. */
const ORPHANS_MIN = 5;

/** Twenty identities in two hours, a few codes each. */
const ROWS_MAX = 10_000;

/**
 * Sign-ins of the callers' identities, by minute and outcome. An overloaded token service never reaches Entra, so that rows go
 * missing rather than fail: it takes the baselines to see that (field-notes 10). Tokens are kept for up to a day, so that few
 * of the tokens used were signed in for in the window. Asked only where challenges went unanswered.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/aadmanagedidentitysigninlogs
 */
export const identity: EvidenceKind<IdentityRow> = {
  kind: 'identity',
  row,
  baseline: true,
  about: () => true,
  follows: 'callers',
  when: (readings) => unansweredIn(readings) >= ORPHANS_MIN,
  signIns: ({ signIns }) => `${signIns}
| summarize signIns = count() by minuteMs = tolong((bin(at, 1m) - datetime(1970-01-01)) / 1ms), objectId, appId, code
| order by minuteMs asc, objectId asc, appId asc, code asc
| take ${ROWS_MAX}`,
};
