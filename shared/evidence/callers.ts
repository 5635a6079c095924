import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';
import { leastOf, weighed } from './languages/kql-text.ts';

const row = z.object({
  caller: z.string(),
  kind: z.enum(['application', 'user', 'unknown']),
  appId: z.nullable(z.string()),
  objectId: z.nullable(z.string()),
  /** Sign-in name of a person. */
  name: z.nullable(z.string()),
  /** Most frequent client library string. */
  client: z.nullable(z.string()),
  requests: z.number(),
  /** By status (field-notes 14). */
  served: z.number(),
  forbidden: z.number(),
  notFound: z.number(),
  refused: z.number(),
  failed: z.number(),
  addresses: z.number(),
  targets: z.number(),
  /** Requests per distinct (target, address). */
  perTargetAndAddress: z.number(),
  /** Most requests in any 10 consecutive seconds. */
  peak10s: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
});

export type CallerRow = z.infer<typeof row>;

const CALLERS_MAX = 200;
/** Addresses and targets of one caller that a coarse answer tells apart. */
const SET_MAX = 10_000;

/** Who asked, most requests first, at most 200. Records without identity make no caller (field-notes 4). */
export const callers: EvidenceKind<CallerRow> = {
  kind: 'callers',
  row,
  baseline: true,
  sql: ({ requests }) => `WITH
    named AS NOT MATERIALIZED (SELECT * FROM ${requests} WHERE caller IS NOT NULL),
    identities AS (
      SELECT caller, arg_max(client, (uses, client)) FILTER (client <> '') AS client, min(application) AS application,
        min(object) AS object, min(person) AS person
      FROM (
        SELECT caller, client, sum(uses) AS uses, min(application) AS application, min(object) AS object,
          min(person) AS person
        FROM (SELECT caller, client, application, object, person, count(*) AS uses FROM named GROUP BY ALL)
        GROUP BY caller, client)
      GROUP BY caller),
    peaks AS (
      SELECT caller, max(sliding) AS peak10s FROM (
        SELECT caller, sum(requests) OVER (PARTITION BY caller ORDER BY second RANGE BETWEEN 9 PRECEDING AND CURRENT ROW)
          AS sliding
        FROM (SELECT caller, second, count(*) AS requests FROM named GROUP BY ALL))
      GROUP BY caller),
    pairs AS (
      SELECT caller, target, address, count(*) AS requests,
        count(*) FILTER (status BETWEEN 200 AND 299) AS served, count(*) FILTER (status = 403) AS forbidden,
        count(*) FILTER (status = 404) AS notFound, count(*) FILTER (status = 429) AS refused,
        count(*) FILTER (status >= 500) AS failed, min(at_us) AS first_us, max(at_us) AS last_us
      FROM named GROUP BY caller, target, address),
    counted AS (
      SELECT caller, ${['requests', 'served', 'forbidden', 'notFound', 'refused', 'failed'].map((name) => `sum(${name}) AS ${name}`).join(', ')},
        count(DISTINCT address) AS addresses, count(DISTINCT target) AS targets,
        sum(requests) / count(*) AS perTargetAndAddress, min(first_us) / 1000 AS firstMs, max(last_us) / 1000 AS lastMs
      FROM pairs GROUP BY caller)
    SELECT caller,
      CASE WHEN person IS NOT NULL THEN 'user' WHEN application IS NOT NULL OR object IS NOT NULL
        THEN 'application' ELSE 'unknown' END AS kind,
      application AS appId, object AS objectId, person AS name, client, counted.* EXCLUDE (caller), peak10s
    FROM counted JOIN identities USING (caller) JOIN peaks USING (caller)
    ORDER BY requests DESC, caller LIMIT ${CALLERS_MAX}`,
  kql: ({ requests }) => `let @counted = materialize(${requests} | where isnotempty(caller)
    | summarize requests = sum(weight) by caller | sort by requests desc, caller asc | take ${CALLERS_MAX});
  let @named = @counted | join kind=rightsemi ${requests} on caller;
  let @clients = @named | where isnotempty(client) | summarize uses = sum(weight) by caller, client
    | sort by caller asc, uses desc, client desc | extend nth = row_number(1, caller != prev(caller))
    | where nth == 1 | project caller, client;
  let @identities = @named | summarize ${['application', 'object', 'person'].map((name) => `${name} = ${leastOf(name)}`).join(', ')} by caller;
  let @peaks = @named | summarize requests = sum(weight) by caller, second
    | mv-expand ends = range(second, second + 9) to typeof(long)
    | summarize sliding = sum(requests) by caller, ends | summarize peak10s = max(sliding) by caller;
  let @pairs = materialize(@named | summarize served = ${weighed('status between (200 .. 299)')}, forbidden = ${weighed('status == 403')},
    notFound = ${weighed('status == 404')}, refused = ${weighed('status == 429')}, failed = ${weighed('status >= 500')},
    first_us = min(at_us), last_us = max(at_us), weight = take_any(weight) by caller, target, address);
  @counted
  | lookup kind=inner (@pairs | summarize served = sum(served), forbidden = sum(forbidden), notFound = sum(notFound),
      refused = sum(refused), failed = sum(failed), pairs = sum(weight), firstMs = min(first_us) / 1000.0,
      lastMs = max(last_us) / 1000.0 by caller) on caller
  | lookup kind=inner (@pairs | distinct caller, address, weight | summarize addresses = sum(weight) by caller) on caller
  | lookup kind=inner (@pairs | distinct caller, target | summarize targets = count() by caller) on caller
  | lookup kind=inner (@peaks) on caller
  | lookup kind=inner (@identities) on caller
  | lookup kind=leftouter (@clients) on caller
  | project caller, ['kind'] = case(isnotempty(person), 'user', isnotempty(application) or isnotempty(object), 'application', 'unknown'),
      appId = application, objectId = object, name = person, client, requests, served, forbidden, notFound, refused, failed,
      addresses, targets, perTargetAndAddress = toreal(requests) / pairs, peak10s, firstMs, lastMs
  | sort by requests desc, caller asc`,
  // The busiest of the tens of seconds that follow each other: of those that overlap, some may hold up to twice as many.
  kqlCoarse: ({ requests }) => `${requests} | where isnotempty(caller)
  | summarize asked = count(), served = countif(status between (200 .. 299)), forbidden = countif(status == 403),
      notFound = countif(status == 404), refused = countif(status == 429), failed = countif(status >= 500),
      addresses = make_set(address, ${SET_MAX}), targets = make_set(target, ${SET_MAX}),
      client = take_anyif(client, isnotempty(client)), first_us = min(at_us), last_us = max(at_us),
      ${['application', 'object', 'person'].map((name) => `${name} = ${leastOf(name)}`).join(', ')} by caller, ten = second / 10
  | summarize requests = sum(asked), served = sum(served), forbidden = sum(forbidden), notFound = sum(notFound),
      refused = sum(refused), failed = sum(failed), addresses = array_length(make_set(addresses, ${SET_MAX})),
      targets = array_length(make_set(targets, ${SET_MAX})), client = take_anyif(client, isnotempty(client)),
      peak10s = max(asked), firstMs = min(first_us) / 1000.0, lastMs = max(last_us) / 1000.0,
      ${['application', 'object', 'person'].map((name) => `${name} = ${leastOf(name)}`).join(', ')} by caller
  | project caller, ['kind'] = case(isnotempty(person), 'user', isnotempty(application) or isnotempty(object), 'application', 'unknown'),
      appId = application, objectId = object, name = person, client, requests, served, forbidden, notFound, refused, failed,
      addresses, targets, perTargetAndAddress = toreal(requests) / max_of(1, addresses * targets), peak10s, firstMs, lastMs
  | sort by requests desc, caller asc | take ${CALLERS_MAX}`,
};
