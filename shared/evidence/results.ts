import type { Evidence, Window } from '../model.ts';
import type { EvidenceKind } from './kind.ts';
import { rowsOf } from './rows.ts';
import { type SeriesRow, seriesRow } from './series-row.ts';
import { type StatusCounts, statusCounts } from './status-counts.ts';

const VAULTS = 'microsoft.keyvault/vaults';
/** Requests by what was answered: of the two, the one that has a dimension for the status code. */
const RESULTS = 'ServiceApiResult';
/** Every request, without its status. */
const HITS = 'ServiceApiHit';

/**
 * How many requests a vault answered, minute by minute and by status code, as its own metrics count them: there before any
 * log is, and never sampled. What completeness is measured against (field-notes 2), and all that is known without a log.
 */
export const results: EvidenceKind<SeriesRow> = {
  kind: 'results',
  row: seriesRow,
  baseline: true,
  about: ({ type }) => type.toLowerCase() === VAULTS,
  azureMetrics: {
    of: 'resource',
    namespace: VAULTS,
    metrics: [
      { name: RESULTS, aggregation: 'count', splitBy: 'StatusCode' },
      { name: HITS, aggregation: 'count' },
    ],
  },
};

export type ResultCounts = StatusCounts & {
  /** Requests a minute, whatever their status; null where the metric gave none. */
  hits: readonly number[] | null;
};

/** What the metrics counted; null when they could not be read, were never asked, or know of no minute. */
export function resultsIn(evidence: Evidence, window: Window = 'incident'): ResultCounts | null {
  const rows = rowsOf(evidence, results, window) ?? [];
  const counts = statusCounts(rows, RESULTS);
  return counts && { ...counts, hits: rows.find(({ metric }) => metric === HITS)?.perMinute ?? null };
}
