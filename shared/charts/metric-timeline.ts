import { countedIn } from '../evidence/counted.ts';
import { metricSeries } from '../evidence/metric-series.ts';
import { rowsOf } from '../evidence/rows.ts';
import type { Chart, Evidence, Signal, Time } from '../model.ts';

const STEP_S = 60;
const POINTS_MAX = 120;

/**
 * What the metrics tell before any log does, or where none is kept: requests served and refused a minute; of what is no
 * vault, the metric that the alert compares, against its threshold. Undefined where no metric was read. Minutes hide what limits are
 * counted in, ten seconds, so there is no line for the limit.
 *
 * @param options `signals` of the alerts, whose first threshold is drawn where its metric is counted by the minute
 */
export function metricTimelineChart(
  evidence: Evidence,
  options: { markers: { at: Time; label: string }[]; signals: readonly Signal[] },
): Chart | undefined {
  const told = countsOf(evidence) ?? measuresOf(evidence, options.signals);
  if (told === undefined) return undefined;
  const { fromMinute, minutes, series, ...named } = told;
  const skipped = Math.max(0, minutes - POINTS_MAX);
  const at = (minute: number): Time => new Date((fromMinute + minute) * STEP_S * 1000).toISOString();
  const [from, to] = [at(skipped), at(minutes)];
  return {
    ...named,
    from,
    to,
    stepSeconds: STEP_S,
    series: series.map((one) => ({ ...one, values: one.values.slice(skipped) })),
    markers: options.markers.filter((marker) => marker.at >= from && marker.at < to),
  };
}

type Told = Pick<Chart, 'title' | 'unit' | 'series' | 'limit'> & { fromMinute: number; minutes: number };

function countsOf(evidence: Evidence): Told | undefined {
  const counted = countedIn(evidence);
  if (counted === null) return undefined;
  const { fromMinute, minutes, byStatus } = counted;
  const sumOf = (chosen: (status: number) => boolean): number[] =>
    Array.from({ length: minutes }, (_, minute) =>
      [...byStatus].reduce((sum, [status, counts]) => sum + (chosen(status) ? (counts[minute] ?? 0) : 0), 0),
    );
  return {
    title: 'Requests by the minute, as Azure counts them',
    unit: 'requests per minute',
    fromMinute,
    minutes,
    series: [
      { name: 'served', role: 'served', values: sumOf((status) => status !== 429) },
      { name: 'refused', role: 'refused', values: sumOf((status) => status === 429) },
    ],
  };
}

function measuresOf(evidence: Evidence, signals: readonly Signal[]): Told | undefined {
  const [first] = rowsOf(evidence, metricSeries) ?? [];
  if (first === undefined || first.perMinute.length === 0) return undefined;
  const rule = signals.find(({ metric }) => metric === first.metric);
  const threshold = rule?.windowSeconds === STEP_S ? rule.threshold : undefined;
  return {
    title: `${first.metric} by the minute`,
    unit: 'per minute',
    fromMinute: first.fromMinute,
    minutes: first.perMinute.length,
    series: [
      {
        name: first.metric,
        role: 'total',
        values: first.perMinute.map((value, minute) => (first.given[minute] === 1 ? value : null)),
      },
    ],
    ...(threshold === undefined ? {} : { limit: { label: 'threshold', value: threshold } }),
  };
}
