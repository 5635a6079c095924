import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  /** Whose authenticated request followed; null for those that nothing followed. */
  caller: z.nullable(z.string()),
  challenges: z.number(),
  addresses: z.number(),
  /** Most challenges in any 60 consecutive seconds. */
  most60s: z.number(),
});

export type ChallengeRow = z.infer<typeof row>;

const CALLERS_MAX = 50;

/**
 * 401 rows by the caller that they were the first step of. Anyone who can reach a vault can write such rows, so the ones
 * that nothing followed stand together in one row without a caller (field-notes 4).
 */
export const challenges: EvidenceKind<ChallengeRow> = {
  kind: 'challenges',
  row,
  baseline: false,
  sql: () => `WITH
    counted AS (SELECT caller, count(*) AS challenges, count(DISTINCT address) AS addresses FROM challenged GROUP BY caller),
    peaks AS (
      SELECT caller, max(sliding) AS most60s FROM (
        SELECT caller, sum(challenges) OVER (PARTITION BY caller ORDER BY second RANGE BETWEEN 59 PRECEDING AND CURRENT ROW)
          AS sliding
        FROM (SELECT caller, second, count(*) AS challenges FROM challenged GROUP BY ALL))
      GROUP BY caller)
    SELECT counted.caller, challenges, addresses, most60s
    FROM counted JOIN peaks ON counted.caller IS NOT DISTINCT FROM peaks.caller
    ORDER BY challenges DESC, counted.caller LIMIT ${CALLERS_MAX}`,
  kql: () => `let @peaks = challenged | summarize challenges = sum(weight) by caller, second
    | mv-expand ends = range(second, second + 59) to typeof(long)
    | summarize sliding = sum(challenges) by caller, ends | summarize most60s = max(sliding) by caller;
  challenged | summarize challenges = sum(weight) by caller, address, weight
  | summarize challenges = sum(challenges), addresses = sum(weight) by caller
  | lookup kind=inner (@peaks) on caller
  | sort by challenges desc, isempty(caller) asc, caller asc | take ${CALLERS_MAX} | project caller, challenges, addresses, most60s`,
};
