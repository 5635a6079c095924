import type { Evidence, Window } from '../model.ts';
import type { EvidenceKind } from './kind.ts';
import { rowsOf } from './rows.ts';
import { type SeriesRow, seriesRow } from './series-row.ts';

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

export type ResultCounts = {
  /** Minutes since the epoch of the first count. */
  fromMinute: number;
  /** Minutes that the metric knows of; the last may still grow. */
  minutes: number;
  /** Requests a minute, by HTTP status. */
  byStatus: ReadonlyMap<number, readonly number[]>;
  /** Requests a minute, whatever their status; null where the metric gave none. */
  hits: readonly number[] | null;
};

/** What the metrics counted; null when they could not be read, were never asked, or know of no minute. */
export function resultsIn(evidence: Evidence, window: Window = 'incident'): ResultCounts | null {
  const rows = rowsOf(evidence, results, window) ?? [];
  const [first] = rows;
  if (first === undefined || first.perMinute.length === 0) return null;
  const statuses = rows.filter(({ metric, split }) => metric === RESULTS && split !== null && /^\d{3}$/.test(split));
  return {
    fromMinute: first.fromMinute,
    minutes: first.perMinute.length,
    byStatus: new Map(statuses.map(({ split, perMinute }) => [Number(split), perMinute])),
    hits: rows.find(({ metric }) => metric === HITS)?.perMinute ?? null,
  };
}
