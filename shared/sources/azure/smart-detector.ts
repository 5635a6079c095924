import { factsOf } from '../custom.ts';
import { type Fields, leadingNumberOf, textOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import type { Details } from './details.ts';

/** Smart detector alerts: a deviation found without a rule's threshold; values carry their unit (`0.45 sec`). */
export function readSmartDetector(context: Fields): Details {
  return {
    category: 'smart-detector',
    signals: [
      readSignal({
        metric: context['SmartDetectorName'] ?? context['SmartDetectorId'],
        value: leadingNumberOf(context['DetectedValue']),
        dimensions: [],
      }),
    ],
    facts: factsOf({
      detectedValue: textOf(context['DetectedValue']),
      normalValue: textOf(context['NormalValue']),
      smartDetectorId: textOf(context['SmartDetectorId']),
      occurredAt: textOf(context['FormattedOccurrenceTime']),
    }),
    description: textOf(context['DetectionSummary'], 300),
  };
}
