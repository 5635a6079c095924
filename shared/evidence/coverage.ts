import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

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
});

/** What the answer rests on: how much of the window the store holds, and what had to be dropped. One row. */
export const coverage: EvidenceKind<z.infer<typeof row>> = {
  kind: 'coverage',
  row,
  baseline: true,
  sql: ({ requests, window }) => `SELECT
      from_us / 1000 AS fromMs, to_us / 1000 AS toMs, requests, firstMs, lastMs, unattributed, inferred, withoutStatus,
      unreadable, duplicates, coalesce(getvariable('headroom_skipped_files'), 0) AS skippedFiles
    FROM windows, intake, (SELECT
      count(*) AS requests, min(at_us) / 1000 AS firstMs, max(at_us) / 1000 AS lastMs,
      count(*) FILTER (status = 429 AND caller IS NULL) AS unattributed,
      count(*) FILTER (status = 429 AND inferred) AS inferred,
      count(*) FILTER (status IS NULL) AS withoutStatus FROM ${requests})
    WHERE name = '${window}'`,
  kql: ({ fromUs, toUs }) => `requests
  | extend held = at_us >= ${fromUs} and at_us < ${toUs}
  | summarize requests = countif(held), firstMs = minif(at_us, held) / 1000.0, lastMs = maxif(at_us, held) / 1000.0,
      unattributed = countif(held and status == 429 and isempty(caller)), inferred = countif(held and status == 429 and inferred),
      withoutStatus = countif(held and status == -1), duplicates = coalesce(sum(copies - 1), 0)
  | project fromMs = ${fromUs} / 1000.0, toMs = ${toUs} / 1000.0, requests, firstMs, lastMs, unattributed, inferred,
      withoutStatus, unreadable = 0, duplicates, skippedFiles = 0`,
};
