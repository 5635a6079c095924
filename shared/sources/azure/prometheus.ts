import { factsOf } from '../custom.ts';
import { pairsOf, resourcesIn } from '../dimensions.ts';
import { type Fields, fieldsOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import { durationSeconds } from '../time.ts';
import type { Details } from './details.ts';

/** Prometheus rule groups of Azure Monitor: labels are dimensions, annotations and labels are custom properties. */
export function readPrometheus(context: Fields): Details {
  const labels = pairsOf(fieldsOf(context['labels']));
  const annotations = fieldsOf(context['annotations']);
  return {
    category: 'prometheus',
    signals: [
      readSignal({
        metric: context['expression'],
        value: context['expressionValue'],
        windowSeconds: durationSeconds(context['for']) ?? durationSeconds(context['interval']),
        dimensions: labels,
      }),
    ],
    resources: resourcesIn(labels),
    properties: { ...annotations, ...fieldsOf(context['labels']) },
    facts: factsOf({ ruleGroup: textOf(context['ruleGroup']) }),
    description: textOf(annotations['summary'], 300) ?? textOf(annotations['description'], 300),
  };
}
