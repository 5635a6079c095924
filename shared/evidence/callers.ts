import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

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
};
