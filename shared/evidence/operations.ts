import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { weighed } from './languages/kql-text.ts';

const row = z.object({
  caller: z.string(),
  /** As the log names it: `SecretGet`, `KeySign`. */
  operation: z.string(),
  class: z.string(),
  requests: z.number(),
  /** By status (field-notes 14). */
  served: z.number(),
  refused: z.number(),
  forbidden: z.number(),
  notFound: z.number(),
  failed: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
  addresses: z.number(),
  targets: z.number(),
  /** Most frequent class of key among those of its requests whose key's type the log tells, and how many those are. */
  keyClass: z.nullable(z.string()),
  keyClassRequests: z.number(),
});

export type OperationRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
const OPERATIONS_MAX = 10;

/**
 * What each of the twenty busiest callers does, its ten most frequent operations. A key's type is told by any record of
 * that key that carries it.
 */
export const operations: EvidenceKind<OperationRow> = {
  kind: 'operations',
  row,
  baseline: false,
  sql: ({ requests }) => `WITH
    counted AS (
      SELECT caller, operation, any_value(class) AS class, count(*) AS requests,
        count(*) FILTER (status BETWEEN 200 AND 299) AS served, count(*) FILTER (status = 429) AS refused,
        count(*) FILTER (status = 403) AS forbidden, count(*) FILTER (status = 404) AS notFound,
        count(*) FILTER (status >= 500) AS failed, min(at_us) / 1000 AS firstMs, max(at_us) / 1000 AS lastMs,
        count(DISTINCT address) AS addresses, count(DISTINCT target) AS targets
      FROM ${requests} WHERE caller IS NOT NULL GROUP BY caller, operation),
    busiest AS (SELECT caller FROM counted GROUP BY caller ORDER BY sum(requests) DESC, caller LIMIT ${CALLERS_MAX}),
    keys AS (
      SELECT target, max(key_class) AS key_class FROM requests WHERE key_class IS NOT NULL GROUP BY target),
    typed AS (
      SELECT caller, operation, arg_max(key_class, (uses, key_class)) AS keyClass, max(uses) AS keyClassRequests
      FROM (
        SELECT caller, operation, keys.key_class, count(*) AS uses
        FROM ${requests} AS asked JOIN keys ON keys.target = asked.target
        WHERE class = 'key' AND caller IS NOT NULL GROUP BY ALL)
      GROUP BY caller, operation)
    SELECT counted.*, keyClass, coalesce(keyClassRequests, 0) AS keyClassRequests
    FROM counted SEMI JOIN busiest USING (caller) LEFT JOIN typed USING (caller, operation)
    QUALIFY row_number() OVER (PARTITION BY caller ORDER BY requests DESC, operation) <= ${OPERATIONS_MAX}
    ORDER BY caller, requests DESC, operation`,
  kql: ({ requests }) => `let @named = ${requests} | where isnotempty(caller);
  let @busiest = @named | summarize requests = sum(weight) by caller | sort by requests desc, caller asc | take ${CALLERS_MAX};
  let @counted = materialize(@busiest | join kind=rightsemi @named on caller
    | summarize class = take_any(class), requests = sum(weight), served = ${weighed('status between (200 .. 299)')},
        refused = ${weighed('status == 429')}, forbidden = ${weighed('status == 403')}, notFound = ${weighed('status == 404')},
        failed = ${weighed('status >= 500')}, firstMs = min(at_us) / 1000.0, lastMs = max(at_us) / 1000.0 by caller, operation
    | sort by caller asc, requests desc, operation asc | extend nth = row_number(1, caller != prev(caller))
    | where nth <= ${OPERATIONS_MAX});
  let @theirs = @counted | join kind=rightsemi @named on caller, operation;
  let @keys = requests | where isnotempty(key_class) | distinct target, key_class
    | sort by target asc, key_class desc | extend nth = row_number(1, target != prev(target))
    | where nth == 1 | project target, key_class;
  let @typed = @theirs | where class == 'key' | project caller, operation, target, weight
    | lookup kind=inner (@keys) on target
    | summarize keyClassRequests = sum(weight) by caller, operation, keyClass = key_class
    | sort by caller asc, operation asc, keyClassRequests desc, keyClass desc
    | extend nth = row_number(1, caller != prev(caller) or operation != prev(operation)) | where nth == 1
    | project caller, operation, keyClass, keyClassRequests;
  @counted
  | lookup kind=inner (@theirs | distinct caller, operation, address, weight
      | summarize addresses = sum(weight) by caller, operation) on caller, operation
  | lookup kind=inner (@theirs | distinct caller, operation, target | summarize targets = count() by caller, operation) on caller, operation
  | lookup kind=leftouter (@typed) on caller, operation
  | project caller, operation, class, requests, served, refused, forbidden, notFound, failed, firstMs, lastMs, addresses, targets,
      keyClass, keyClassRequests = coalesce(keyClassRequests, 0)
  | sort by caller asc, requests desc, operation asc`,
};
