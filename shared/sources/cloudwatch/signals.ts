import type { Resource, Signal } from '../../model.ts';
import { BOUNDS } from '../bounds.ts';
import { type Pair, pairsOf } from '../dimensions.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../read.ts';
import { parseArn } from '../resource.ts';
import { readSignal } from '../signal.ts';
import { normaliseTime } from '../time.ts';
import type { AlarmChange } from './change.ts';

/** One metric query of an alarm, in either spelling (`metricStat` of events, `MetricStat` of SNS). */
export type Query = {
  expression: string | undefined;
  label: string | undefined;
  namespace: string | undefined;
  metric: unknown;
  stat: unknown;
  periodSeconds: number | undefined;
  dimensions: readonly Pair[];
  accountId: unknown;
  /** Whether this is what the alarm compares. */
  compared: boolean;
};

export function readQuery(raw: Fields): Query {
  const stat = fieldsOf(raw['metricStat'] ?? raw['MetricStat']);
  const metric = fieldsOf(stat['metric'] ?? stat['Metric']);
  return {
    expression: textOf(raw['expression'] ?? raw['Expression'], BOUNDS.metricCharacters),
    label: textOf(raw['label'] ?? raw['Label'], BOUNDS.metricCharacters),
    namespace: textOf(metric['namespace'] ?? metric['Namespace'], BOUNDS.wordCharacters),
    metric: metric['name'] ?? metric['MetricName'],
    stat: statistic(stat['stat'] ?? stat['Stat']),
    periodSeconds: positive(stat['period'] ?? stat['Period'] ?? raw['period'] ?? raw['Period']),
    dimensions: pairsOf(metric['dimensions'] ?? metric['Dimensions']),
    accountId: raw['accountId'] ?? raw['AccountId'],
    compared: (raw['returnData'] ?? raw['ReturnData']) === true,
  };
}

function positive(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** SNS shouts the statistic of a single metric; written as the other envelopes do. */
const SHOUTED: Readonly<Record<string, string>> = {
  AVERAGE: 'Average',
  MAXIMUM: 'Maximum',
  MINIMUM: 'Minimum',
  SAMPLE_COUNT: 'SampleCount',
  SUM: 'Sum',
};

function statistic(value: unknown): unknown {
  return typeof value === 'string' && Object.hasOwn(SHOUTED, value) ? SHOUTED[value] : value;
}

/** A band is not measured but computed from a metric that stands beside it. */
const BAND = /^\s*ANOMALY_DETECTION_BAND\s*\(/i;

/**
 * The signals of a metric alarm: first what it compares, with value and threshold, then the metrics that a math
 * expression is made of, each once.
 */
export function metricSignals(change: AlarmChange, queries: readonly Query[]): Signal[] {
  const measured = queries.filter((query) => !BAND.test(query.expression ?? ''));
  const [value, threshold] = [measuredValue(change), thresholdOf(change)];
  const ordered = [...measured].sort((a, b) => Number(b.compared) - Number(a.compared));
  const signals = new Map<string, Signal>();
  for (const query of ordered) {
    const key = JSON.stringify([query.expression ?? '', query.namespace, query.metric, query.stat, query.dimensions]);
    if (signals.has(key)) continue;
    const isFirst = signals.size === 0;
    signals.set(
      key,
      readSignal({
        metric: query.expression === undefined ? query.metric : (query.label ?? query.expression),
        namespace: query.namespace,
        operator: isFirst ? change.operator : undefined,
        threshold: isFirst ? threshold : undefined,
        value: isFirst ? value : undefined,
        aggregation: query.expression === undefined ? query.stat : query.expression,
        windowSeconds: query.periodSeconds ?? positive(change.period),
        dimensions: query.dimensions,
      }),
    );
  }
  return [...signals.values()];
}

/** The newest measured value: from the evaluation, else the first (newest) that the reason names in brackets. */
function measuredValue({ reasonData, reason }: AlarmChange): number | undefined {
  const evaluated = listOf(reasonData['evaluatedDatapoints'])
    .map(fieldsOf)
    .filter((point) => numberOf(point['value']) !== undefined)
    .sort((a, b) => compare(normaliseTime(b['timestamp']) ?? '', normaliseTime(a['timestamp']) ?? ''))[0];
  const newest = evaluated?.['value'] ?? listOf(reasonData['recentDatapoints']).at(-1);
  return numberOf(newest) ?? numberOf(/\[(-?[\d.]+(?:E-?\d+)?) \(/i.exec(reason ?? '')?.[1]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The threshold, or that side of an anomaly band which was passed (the upper one when neither tells); else as the reason says. */
function thresholdOf(change: AlarmChange): number | undefined {
  const { reasonData } = change;
  const reason = change.reason ?? '';
  const fixed = change.threshold ?? reasonData['threshold'] ?? /threshold \(([^)]{1,40})\)/.exec(reason)?.[1];
  if (numberOf(fixed) !== undefined) return numberOf(fixed);
  const uppers = reasonData['recentUpperThresholds'] ?? /upper thresholds \[([^\],]{1,40})/.exec(reason)?.slice(1);
  const lowers = reasonData['recentLowerThresholds'] ?? /lower thresholds \[([^\],]{1,40})/.exec(reason)?.slice(1);
  const [upper, lower] = [numberOf(listOf(uppers).at(-1)), numberOf(listOf(lowers).at(-1))];
  const value = measuredValue(change);
  return lower !== undefined && value !== undefined && value < lower ? lower : (upper ?? lower);
}

/** The signals of a composite alarm: the alarms that made it change, else its rule. */
export function compositeSignals(change: AlarmChange): Signal[] {
  const children = change.children.map((child) => {
    const arn = textOf(child['arn'] ?? child['Arn'], BOUNDS.idCharacters);
    const state = fieldsOf(child['state'] ?? child['State']);
    const alarm: Resource | null = parseArn(arn);
    return readSignal({
      metric: alarm?.name ?? arn,
      namespace: 'AWS/CloudWatch alarm',
      dimensions: [
        ['alarmArn', arn ?? 'unknown'],
        ['state', textOf(state['value'] ?? state['Value']) ?? 'unknown'],
      ],
    });
  });
  if (children.length > 0) return children;
  return [readSignal({ metric: change.alarmRule, namespace: 'AWS/CloudWatch alarm', dimensions: [] })];
}
