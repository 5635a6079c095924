import { BOUNDS } from '../bounds.ts';
import { pairsOf, resourcesIn } from '../dimensions.ts';
import { type Fields, fieldsOf, listOf, numberOf } from '../read.ts';
import { readSignal } from '../signal.ts';
import { durationSeconds } from '../time.ts';
import type { Details } from './details.ts';

/**
 * Log search alerts: V2 and simple ones, and the legacy V1 with its PascalCase names. The query stands as the metric: it
 * is what was counted. It is shown and never run; links to the query API need a token and are left out.
 */
export function readLog(context: Fields): Details {
  return typeof context['SearchQuery'] === 'string' ? readLegacyLog(context) : readLogV2(context);
}

function readLogV2(context: Fields): Details {
  const condition = fieldsOf(context['condition']);
  const windowSeconds = durationSeconds(condition['windowSize']);
  const criteria = listOf(condition['allOf'])
    .slice(0, BOUNDS.signals)
    .map((item) => {
      const fields = fieldsOf(item);
      return { fields, pairs: pairsOf(fields['dimensions']) };
    });
  return {
    category: 'log',
    signals: criteria.map(({ fields, pairs }) =>
      readSignal({
        metric: fields['searchQuery'],
        operator: fields['operator'],
        threshold: fields['threshold'],
        value: fields['metricValue'],
        aggregation: fields['timeAggregation'],
        windowSeconds,
        dimensions: pairs,
      }),
    ),
    resources: criteria.flatMap(({ pairs }) => resourcesIn(pairs)),
    links: criteria.flatMap(({ fields }): [string, unknown][] => [
      ['Filtered search results', fields['linkToFilteredSearchResultsUI']],
      ['Search results', fields['linkToSearchResultsUI']],
    ]),
    properties: context['properties'],
  };
}

function readLegacyLog(context: Fields): Details {
  const pairs = pairsOf(context['Dimensions']);
  const minutes = numberOf(context['SearchIntervalDurationMin']) ?? numberOf(context['SearchIntervalInMinutes']);
  return {
    category: 'log',
    signals: [
      readSignal({
        metric: context['SearchQuery'],
        operator: context['Operator'],
        threshold: context['Threshold'],
        // In a metric measurement ResultCount counts rows, not what was measured.
        value: context['AlertType'] === 'Metric measurement' ? undefined : context['ResultCount'],
        aggregation: context['AlertType'],
        windowSeconds: minutes === undefined || minutes <= 0 ? undefined : Math.round(minutes * 60),
        dimensions: pairs,
      }),
    ],
    resources: resourcesIn(pairs),
    links: [
      ['Filtered search results', context['LinkToFilteredSearchResultsUI']],
      ['Search results', context['LinkToSearchResults']],
    ],
  };
}
