import type { EvidenceKind } from './kind.ts';
import { type SeriesRow, seriesRow } from './series-row.ts';

/**
 * What the alert itself measures, minute by minute, of whatever resource: a row for each of its metrics. A metric that the
 * provider does not keep by the minute, or that is computed from others, has none.
 */
export const metricSeries: EvidenceKind<SeriesRow> = {
  kind: 'metric-series',
  row: seriesRow,
  baseline: false,
  about: () => true,
  azureMetrics: 'signals',
  cloudwatchMetrics: 'signals',
};
