import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { quantiles, weighed } from './languages/kql-text.ts';
import { EACH_OPERATIONS, LIST_OPERATIONS } from './operation-classes.ts';

const row = z.object({
  caller: z.string(),
  /** Calls that list what the vault holds, each page one, and those that were served. */
  lists: z.number(),
  servedLists: z.number(),
  /** Reads of single things, those that were not refused, and distinct things. */
  reads: z.number(),
  servedReads: z.number(),
  targets: z.number(),
  /** Not refused reads of things that are read about as often as the middle one. */
  evenReads: z.number(),
  /** Lists that at least five distinct things were read after, one by one: each hardly more than once. */
  runs: z.number(),
  /** Reads in those runs, and distinct things in the middle and in the largest one, and in all. */
  runReads: z.number(),
  runTargets: z.number(),
  runTargetsMost: z.number(),
  /** Addresses that list. */
  addresses: z.number(),
  /** Of the first list that such a run follows; where none does, of the first list. */
  firstMs: z.number(),
});

export type ListingRow = z.infer<typeof row>;

const CALLERS_MAX = 20;
/** Reads belong to the list before them so long; a large vault, slowed by refusals, takes minutes. */
const LASTS_MAX_US = 900_000_000;
/** The first read follows its list at once, or after the usual five retries of the list. */
const BEGINS_WITHIN_US = 60_000_000;
/** Fewer are what anyone does by hand. */
const TARGETS_MIN = 5;
/** About as often: between these parts of the reads of the middle one. */
const EVEN_FROM = 0.5;
const EVEN_TO = 1.5;
/** More served reads of each are no run through a list, but work that goes on after it. */
const SERVED_EACH_MAX = 2;

const named = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
const LISTS = named(LIST_OPERATIONS);
const EACH = named(EACH_OPERATIONS);

/**
 * Callers that list what the vault holds and then read it one by one. A run reaches from a list to the next list of the same
 * address, so that of one that goes page by page each page is a run.
 */
export const listings: EvidenceKind<ListingRow> = {
  kind: 'listings',
  row,
  baseline: false,
  sql: ({ requests }) => `WITH
    listing AS (
      SELECT DISTINCT caller, address FROM ${requests} WHERE operation IN (${LISTS}) AND caller IS NOT NULL),
    steps AS (
      SELECT asked.caller, hash(asked.caller, asked.address) AS address_id, hash(target) AS target_id, at_us, status,
        operation IN (${LISTS}) AS lists
      FROM ${requests} AS asked SEMI JOIN listing USING (caller, address)
      WHERE operation IN (${LISTS}, ${EACH})),
    numbered AS (
      SELECT *, count(*) FILTER (lists) OVER earlier AS run, max(at_us) FILTER (lists) OVER earlier AS listed_us
      FROM steps WINDOW earlier AS (PARTITION BY address_id ORDER BY at_us, lists DESC, target_id)),
    each_run AS (
      SELECT caller, address_id, min(listed_us) AS listed_us, count(*) AS reads, count(DISTINCT target_id) AS targets
      FROM numbered
      WHERE NOT lists AND run > 0 AND at_us - listed_us <= ${LASTS_MAX_US}
      GROUP BY caller, address_id, run
      HAVING count(DISTINCT target_id) >= ${TARGETS_MIN} AND min(at_us - listed_us) <= ${BEGINS_WITHIN_US}
        AND count(*) FILTER (status <> 429) <= ${SERVED_EACH_MAX} * count(DISTINCT target_id)),
    ran AS (
      SELECT caller, count(*) AS runs, sum(reads) AS runReads, median(targets) AS runTargets, max(targets) AS runTargetsMost,
        min(listed_us) / 1000 AS firstMs
      FROM each_run GROUP BY caller),
    each_target AS (
      SELECT caller, target, count(*) AS reads, count(*) FILTER (status <> 429) AS served
      FROM ${requests} WHERE caller IN (SELECT caller FROM listing) AND operation IN (${EACH}) GROUP BY caller, target),
    usual AS (SELECT caller, median(served) AS middle FROM each_target GROUP BY caller),
    read AS (
      SELECT caller, sum(reads) AS reads, sum(served) AS servedReads, count(*) AS targets,
        sum(served) FILTER (served BETWEEN ${EVEN_FROM} * middle AND ${EVEN_TO} * middle) AS evenReads
      FROM each_target JOIN usual USING (caller) GROUP BY caller),
    listed AS (
      SELECT caller, count(*) AS lists, count(*) FILTER (status <> 429) AS servedLists,
        count(DISTINCT address) AS addresses, min(at_us) / 1000 AS firstMs
      FROM ${requests} WHERE caller IS NOT NULL AND operation IN (${LISTS}) GROUP BY caller)
    SELECT caller, lists, servedLists, coalesce(reads, 0) AS reads, coalesce(servedReads, 0) AS servedReads,
      coalesce(targets, 0) AS targets, coalesce(evenReads, 0) AS evenReads, coalesce(runs, 0) AS runs,
      coalesce(runReads, 0) AS runReads, coalesce(runTargets, 0) AS runTargets,
      coalesce(runTargetsMost, 0) AS runTargetsMost, addresses, coalesce(ran.firstMs, listed.firstMs) AS firstMs
    FROM listed LEFT JOIN read USING (caller) LEFT JOIN ran USING (caller)
    ORDER BY runReads DESC, lists DESC, caller LIMIT ${CALLERS_MAX}`,
  kql: ({ requests }) => `let @named = ${requests} | where isnotempty(caller) and operation in (${LISTS}, ${EACH})
    | project caller, address, instance, target, weight, at_us, status, lists = operation in (${LISTS});
  let @listing = materialize(@named | where lists | distinct caller, instance);
  let @numbered = materialize(@listing | join kind=rightsemi @named on instance
    | extend step = iff(lists, 0, 1) | sort by instance asc, at_us asc, step asc
    | extend run = row_cumsum(iff(lists, 1, 0), instance != prev(instance)));
  let @each_run = materialize(@numbered | where not(lists) and run > 0
    | join kind=inner (@numbered | where lists | project instance, run, listed_us = at_us) on instance, run
    | extend after_us = at_us - listed_us | where after_us <= ${LASTS_MAX_US}
    | summarize reads = count(), answers = countif(status != 429 and status >= 0), soonest_us = min(after_us)
        by caller, instance, weight, run, listed_us, target
    | summarize reads = sum(reads), answers = sum(answers), soonest_us = min(soonest_us), targets = count()
        by caller, instance, weight, run, listed_us
    | where targets >= ${TARGETS_MIN} and soonest_us <= ${BEGINS_WITHIN_US} and answers <= ${SERVED_EACH_MAX} * targets);
  let @each_target = materialize(@listing | join kind=rightsemi (@named | where not(lists)) on caller
    | summarize reads = sum(weight), served = ${weighed('status != 429 and status >= 0')} by caller, target);
  @named | where lists
  | summarize lists = sum(weight), servedLists = ${weighed('status != 429 and status >= 0')}, first_us = min(at_us) by caller, address, weight
  | summarize lists = sum(lists), servedLists = sum(servedLists), addresses = sum(weight), first_us = min(first_us) by caller
  | lookup kind=leftouter (@each_target
      | lookup kind=inner (${quantiles('@each_target', ['caller'], { middle: { of: 'served', at: 0.5 } })}) on caller
      | summarize reads = sum(reads), servedReads = sum(served), targets = count(),
          evenReads = sum(iff(toreal(served) between (${EVEN_FROM} * middle .. ${EVEN_TO} * middle), served, 0)) by caller) on caller
  | lookup kind=leftouter (@each_run | summarize runs = sum(weight), runReads = sum(weight * reads), runTargetsMost = max(targets),
      run_us = min(listed_us) by caller) on caller
  | lookup kind=leftouter (${quantiles('@each_run', ['caller'], { runTargets: { of: 'targets', at: 0.5 } })}) on caller
  | extend runReads = coalesce(runReads, 0)
  | sort by runReads desc, lists desc, caller asc | take ${CALLERS_MAX}
  | project caller, lists, servedLists, reads = coalesce(reads, 0), servedReads = coalesce(servedReads, 0),
      targets = coalesce(targets, 0), evenReads = coalesce(evenReads, 0), runs = coalesce(runs, 0), runReads,
      runTargets = coalesce(runTargets, 0.0), runTargetsMost = coalesce(runTargetsMost, 0), addresses,
      firstMs = coalesce(run_us, first_us) / 1000.0`,
};
