import type { Signal } from '../../model.ts';
import { BOUNDS } from '../bounds.ts';
import { type Pair, pairsOf, resourcesIn } from '../dimensions.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import { durationSeconds } from '../time.ts';
import type { Details } from './details.ts';

/** Metric alerts: static and dynamic thresholds, several resources, availability tests; all share one shape. */
export function readMetric(context: Fields): Details {
  const condition = fieldsOf(context['condition']);
  const windowSeconds = durationSeconds(condition['windowSize']);
  const criteria = listOf(condition['allOf'])
    .slice(0, BOUNDS.signals)
    .map((item) => {
      const fields = fieldsOf(item);
      return { fields, pairs: pairsOf(fields['dimensions']) };
    });
  return {
    category: 'metric',
    signals: criteria.map(({ fields, pairs }) => signalOf(fields, pairs, windowSeconds)),
    resources: criteria.flatMap(({ pairs }) => resourcesIn(pairs)),
    properties: context['properties'],
  };
}

function signalOf(criterion: Fields, pairs: readonly Pair[], windowSeconds: number | undefined): Signal {
  const webTest = textOf(criterion['webTestName']);
  return readSignal({
    metric: criterion['metricName'],
    namespace: criterion['metricNamespace'],
    operator: criterion['operator'],
    threshold: criterion['threshold'],
    value: criterion['metricValue'],
    aggregation: criterion['timeAggregation'],
    windowSeconds,
    // An availability test is named beside the dimensions; as one of them it stays with its signal.
    dimensions: webTest === undefined ? pairs : [['webTestName', webTest], ...pairs],
  });
}
