import type { Evidence } from '../model.ts';
import { CONFIGURATION_STORES, type EvidenceKind, isConfigurationStore } from './kind.ts';
import { rowsOf } from './rows.ts';
import { type SeriesRow, seriesRow } from './series-row.ts';
import { type StatusCounts, statusCounts } from './status-counts.ts';

const REQUESTS = 'HttpIncomingRequestCount';
const USAGE = 'RequestQuotaUsage';

/**
 * What an App Configuration store answered, minute by minute and by status, and how much of its quota of requests was used:
 * of the hour, or of the day in the free tier. The meter charges some requests more than once, so it is believed before the
 * count.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-appconfiguration-configurationstores-metrics
 */
export const quota: EvidenceKind<SeriesRow> = {
  kind: 'quota',
  row: seriesRow,
  baseline: false,
  about: isConfigurationStore,
  azureMetrics: {
    of: 'resource',
    namespace: CONFIGURATION_STORES,
    metrics: [
      { name: REQUESTS, aggregation: 'total', splitBy: 'StatusCode' },
      { name: USAGE, aggregation: 'maximum' },
    ],
  },
};

export type QuotaUse = {
  counts: StatusCounts;
  /** Most of the quota that was used, and since when, minutes of the epoch, it has been used up; null where never. */
  percent: number | null;
  exhaustedAtMinute: number | null;
};

/** From here on it is used up: the meter rounds. */
const EXHAUSTED_PERCENT = 99.5;

/** What the metrics of a store tell; null where they could not be read or know of no minute. */
export function quotaIn(evidence: Evidence): QuotaUse | null {
  const rows = rowsOf(evidence, quota) ?? [];
  const counts = statusCounts(rows, REQUESTS);
  if (counts === null) return null;
  const usage = rows.find(({ metric }) => metric === USAGE);
  const known = usage?.perMinute.filter((_, minute) => usage.given[minute] === 1) ?? [];
  const exhausted = usage?.perMinute.findIndex((percent) => percent >= EXHAUSTED_PERCENT) ?? -1;
  return {
    counts,
    percent: known.length === 0 ? null : Math.max(...known),
    exhaustedAtMinute: exhausted < 0 ? null : counts.fromMinute + exhausted,
  };
}
