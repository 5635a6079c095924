import type { Signal } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';

/** Metrics of one alarm: math is made of ten at most, and what it compares comes first. */
const SIGNALS_MAX = 5;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html */
const STATISTIC = /^(?:Sum|Average|Minimum|Maximum|SampleCount|IQM|(?:p|tm|tc|ts|wm)\d{1,3}(?:\.\d{1,10})?)$/;

/** What a composite alarm names for its children: they are alarms, not metrics. */
const ALARMS = 'AWS/CloudWatch alarm';

/**
 * Requests for metrics, each as JSON: the API takes names and values apart, and knows no query text but the math that is not
 * asked for here. What an alarm computes from others has no metric of its own and is left out.
 */
export function composeCloudwatchMetrics(kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  const { resource, from, to, signals = [] } = request;
  const metrics = signals.flatMap(metricOf).slice(0, SIGNALS_MAX);
  const asked = resource.cloud === 'aws' && metrics.length > 0;
  const statements = kinds.flatMap(({ kind, cloudwatchMetrics }) =>
    asked && cloudwatchMetrics !== undefined
      ? [{ kind, window: 'incident' as const, text: JSON.stringify({ metrics, from, to }) }]
      : [],
  );
  return { setup: [], statements, parameters: {} };
}

function metricOf({ metric, namespace, aggregation = '', dimensions }: Signal) {
  if (namespace === undefined || namespace === ALARMS || !STATISTIC.test(aggregation)) return [];
  return [
    {
      namespace,
      name: metric,
      statistic: aggregation,
      dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
    },
  ];
}
