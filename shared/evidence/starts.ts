import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { quantiles } from './languages/kql-text.ts';

const row = z.object({
  caller: z.string(),
  /** Instances that began to ask after a silence: all, and the most in any 60 consecutive seconds. */
  starts: z.number(),
  together: z.number(),
  /** Seconds since the epoch of the first and last start of those. */
  togetherFromSecond: z.number(),
  togetherToSecond: z.number(),
  /** Of the instances that started together: distinct targets and reads in the middle one, and reads of all. */
  targets: z.number(),
  readsEach: z.number(),
  reads: z.number(),
  /** Reads per target in the middle instance: 1 where each reads its whole set once. */
  readsPerTarget: z.number(),
});

export type StartRow = z.infer<typeof row>;

const TOGETHER_S = 60;

/** Per caller around the refusals: how many instances started together, and what each of them read. */
export const starts: EvidenceKind<StartRow> = {
  kind: 'starts',
  row,
  baseline: false,
  aroundRefusals: true,
  sql: () => `WITH
    sliding AS (
      SELECT caller_id, second, count(*) OVER (
          PARTITION BY caller_id ORDER BY second RANGE BETWEEN CURRENT ROW AND ${TOGETHER_S - 1} FOLLOWING) AS together
      FROM sessions),
    densest AS (
      SELECT caller_id, count(*) AS starts, max(together) AS together, arg_max(second, (together, -second)) AS from_second
      FROM sliding GROUP BY caller_id)
    SELECT caller, any_value(densest.starts) AS starts, any_value(together) AS together,
      min(second) AS togetherFromSecond, max(second) AS togetherToSecond,
      median(targets) AS targets, median(reads) AS readsEach, sum(reads) AS reads,
      median(reads / greatest(targets, 1)) AS readsPerTarget
    FROM sessions JOIN densest USING (caller_id) JOIN caller_names USING (caller_id)
    WHERE second BETWEEN from_second AND from_second + ${TOGETHER_S - 1}
    GROUP BY caller ORDER BY together DESC, caller`,
  kql: () => `let @densest = sessions | summarize starts = sum(weight) by caller, second
    | mv-expand begins = range(second - ${TOGETHER_S - 1}, second) to typeof(long)
    | summarize together = sum(starts) by caller, begins
    | sort by caller asc, together desc, begins asc | extend nth = row_number(1, caller != prev(caller))
    | where nth == 1 | project caller, together, begins;
  let @those = materialize(sessions | lookup kind=inner (@densest) on caller
    | where second between (begins .. (begins + ${TOGETHER_S - 1})) | extend each_target = toreal(reads) / max_of(targets, 1));
  @those | summarize together = take_any(together), togetherFromSecond = min(second), togetherToSecond = max(second),
      reads = sum(weight * reads) by caller
  | lookup kind=inner (sessions | summarize starts = sum(weight) by caller) on caller
  | lookup kind=inner (${quantiles('@those', ['caller'], {
    targets: { of: 'targets', at: 0.5 },
    readsEach: { of: 'reads', at: 0.5 },
    readsPerTarget: { of: 'each_target', at: 0.5 },
  })}) on caller
  | project caller, starts, together, togetherFromSecond, togetherToSecond, targets, readsEach, reads, readsPerTarget
  | sort by together desc, caller asc`,
};
