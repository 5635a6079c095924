import type { Row, Time } from '../../model.ts';
import { seriesRows } from '../series-rows.ts';
import type { MetricsAnswer } from './metrics-client.ts';

/** What one request was for, and what came of it. */
export type AnsweredMetric = { name: string; splitBy?: string | undefined; answers: readonly MetricsAnswer[] };

/** A row for each series of each resource. */
export function rowsOfMetrics(
  answered: readonly AnsweredMetric[],
  span: { from: Time; to: Time; nowMs: number },
): Row[] {
  const series = answered.flatMap(({ name, splitBy, answers }) =>
    answers.flatMap(({ resourceId, series: found }) =>
      found.map(({ dimensions, points }) => ({
        resource: resourceId,
        metric: name,
        split: splitBy === undefined ? null : (dimensionIn(dimensions, splitBy) ?? null),
        points,
      })),
    ),
  );
  return seriesRows(series, span);
}

/** Names of dimensions come in lower case as well. */
function dimensionIn(dimensions: MetricsAnswer['series'][number]['dimensions'], name: string): string | undefined {
  return dimensions.find((dimension) => dimension.name.toLowerCase() === name.toLowerCase())?.value;
}
