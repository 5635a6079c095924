import type { Window } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { packed } from './kql-pack.ts';
import { ADDRESSED, auditLogs, bothTables, EPOCH, EVENT, operationClass } from './kql-tables.ts';

const WINDOW: Window = 'incident';

/**
 * What is left where a workspace refuses the whole question: who asked, when, and what came of it, of the incident alone. Each
 * statement is one pass over the table that may be on the Basic plan, which knows no join, no function and no second table of
 * its kind; its time stands beside the query and not in it. `together` asks both tables, for a workspace that only finds the
 * whole too much.
 *
 * Coarse, since nothing can be told of one line by another: refusals without identity stay without, and nothing is sampled.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/logs/basic-logs-query
 */
export function composeCoarseKql(
  kinds: readonly EvidenceKind[],
  request: ComposeRequest,
): NonNullable<ComposedQuery['coarse']> {
  const resource = request.resource.id.toLowerCase();
  const [one, both] = [auditLogs({ resource }), bothTables({ resource })].map((table) => requestsOf(table, request));
  const bounds = { ...boundsOf(request), window: WINDOW };
  const asked = kinds.flatMap((kind) => (kind.kqlCoarse === undefined ? [] : [{ kind, write: kind.kqlCoarse }]));
  const branches = asked.map(
    ({ kind, write }) => `(${write({ ...bounds, requests: 'requests' })}
  | serialize place = row_number(1)
  | project ${cells(kind)}, place)`,
  );
  return {
    statements: asked.map(({ kind, write }) => ({
      kind: kind.kind,
      window: WINDOW,
      text: `${write({ ...bounds, requests: one ?? '' })}
  | project ${cells(kind)}`,
    })),
    ...(asked.length > 0 && {
      together: `let requests = materialize(${both});
union
${branches.join(',\n')}
| sort by ['kind'] asc, place asc | project-away place`,
    }),
  };
}

/** As a part of the whole has them. */
function cells(kind: EvidenceKind): string {
  return `['kind'] = '${kind.kind}', window = '${WINDOW}', row = ${packed(kind)}`;
}

function boundsOf({ from, to }: ComposeRequest): { fromUs: string; toUs: string } {
  return { fromUs: `${Date.parse(from) * 1000}`, toUs: `${Date.parse(to) * 1000}` };
}

/** One row a request, with the columns that coarse fragments name. */
function requestsOf(table: string, request: ComposeRequest): string {
  const { fromUs, toUs } = boundsOf(request);
  return `${table}
  | extend at_us = datetime_diff('microsecond', at, ${EPOCH}), status = coalesce(tolong(toreal(status_text)), -1)
  | where at_us >= ${fromUs} and at_us < ${toUs}
  | extend event = ${EVENT}
  | summarize copies = count(), arg_min(status, *) by event
  | extend parts = ${ADDRESSED}, application = tolower(application), object = tolower(object)
  | project at_us, second = at_us / 1000000, address, client, status, application, object, person, copies, weight = 1,
      caller = tolower(iff(isempty(person), coalesce(application, object), coalesce(object, person))), inferred = false,
      class = ${operationClass()}, target = trim('/', strcat(tostring(parts[3]), '/', tostring(parts[4])))`;
}
