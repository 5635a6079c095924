import type { ComposedQuery } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { kustoNames } from './kusto-names.ts';

/** The subscriptions that whoever asks may read: rows `{ subscription }`. */
export const READABLE_SUBSCRIPTIONS = `resourcecontainers
| where type =~ "microsoft.resources/subscriptions"
| project subscription = tolower(subscriptionId)`;

/** A query for each kind: Resource Graph joins few of its tables, and a quota counts queries. */
export function composeResourceGraph(kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  const names = kustoNames(request);
  return {
    setup: [],
    statements: kinds.flatMap(({ kind, resourceGraph, keepMs }) =>
      resourceGraph === undefined
        ? []
        : [
            {
              kind,
              text: resourceGraph(names),
              window: 'incident' as const,
              ...(keepMs === undefined ? {} : { keepMs }),
            },
          ],
    ),
    parameters: {},
  };
}
