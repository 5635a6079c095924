import * as z from 'zod/mini';
import type { EvidenceKind, KqlRelations } from './kind.ts';

const row = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  requests: z.number(),
  /** Of the first and last record inside the window; null when it holds none. */
  firstMs: z.nullable(z.number()),
  lastMs: z.nullable(z.number()),
  /** Refusals without identity, and how many of them could be given a caller by what followed (field-notes 4). */
  unattributed: z.number(),
  inferred: z.number(),
  withoutStatus: z.number(),
  /** Of everything that was read, whatever its window: lines that are no audit record, lines that came twice, whole files. */
  unreadable: z.number(),
  duplicates: z.number(),
  skippedFiles: z.number(),
  /** One address in so many stands for all, where there was too much to read: counts are estimates then. */
  oneAddressIn: z.number(),
});

/** What the answer rests on: how much of the window the store holds, and what had to be dropped. One row. */
export const coverage: EvidenceKind<z.infer<typeof row>> = {
  kind: 'coverage',
  row,
  baseline: true,
  sql: ({ requests, window }) => `SELECT
      from_us / 1000 AS fromMs, to_us / 1000 AS toMs, requests, firstMs, lastMs, unattributed, inferred, withoutStatus,
      unreadable, duplicates, coalesce(getvariable('headroom_skipped_files'), 0) AS skippedFiles, 1 AS oneAddressIn
    FROM windows, intake, (SELECT
      count(*) AS requests, min(at_us) / 1000 AS firstMs, max(at_us) / 1000 AS lastMs,
      count(*) FILTER (status = 429 AND caller IS NULL) AS unattributed,
      count(*) FILTER (status = 429 AND inferred) AS inferred,
      count(*) FILTER (status IS NULL) AS withoutStatus FROM ${requests})
    WHERE name = '${window}'`,
  // Of all windows, so that one without a request has a row too.
  kql: (relations) => kql({ ...relations, requests: 'requests' }, 'one_in'),
  kqlCoarse: (relations) => kql(relations, '1'),
};

function kql({ requests, fromUs, toUs }: KqlRelations, oneIn: string): string {
  return `${requests}
  | extend held = iff(at_us >= ${fromUs} and at_us < ${toUs}, weight, 0)
  | extend refused = iff(status == 429, held, 0)
  | summarize requests = sum(held), firstMs = minif(at_us, held > 0) / 1000.0, lastMs = maxif(at_us, held > 0) / 1000.0,
      unattributed = sum(iff(isempty(caller), refused, 0)), inferred = sum(iff(inferred, refused, 0)),
      withoutStatus = sum(iff(status == -1, held, 0)), duplicates = sum(weight * (copies - 1))
  | project fromMs = ${fromUs} / 1000.0, toMs = ${toUs} / 1000.0, requests = coalesce(requests, 0), firstMs, lastMs,
      unattributed = coalesce(unattributed, 0), inferred = coalesce(inferred, 0), withoutStatus = coalesce(withoutStatus, 0),
      unreadable = 0, duplicates = coalesce(duplicates, 0), skippedFiles = 0, oneAddressIn = ${oneIn}`;
}
