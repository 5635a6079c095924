import type { KustoNames } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { kustoString, kustoTime } from './kusto-literal.ts';

/** Stands where no id is known: a list for `in` may not be empty, and an empty text is what a cell without an id holds. */
const NO_ID = 'no-id';

/** What a request is about, as literals: sorted, so that the same question is the same text. */
export function kustoNames({ resource, from, to, known }: ComposeRequest): KustoNames {
  const id = resource.id.toLowerCase();
  const identities = [...(known?.identities ?? [])].sort();
  const resources = [...new Set([id, ...(known?.resources ?? [])])].sort();
  return {
    resource: kustoString(id),
    from: kustoTime(from),
    to: kustoTime(to),
    identities: (identities.length === 0 ? [NO_ID] : identities).map(kustoString),
    asked: `dynamic([${[id, ...identities].map(kustoString).join(', ')}])`,
    resources: resources.map(kustoString),
  };
}
