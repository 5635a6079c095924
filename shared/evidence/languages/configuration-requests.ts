import type { Time } from '../../model.ts';
import type { ComposedQuery } from '../../ports.ts';
import type { EvidenceKind } from '../kind.ts';
import type { ComposeRequest } from './compose.ts';
import { packed } from './kql-pack.ts';
import { kustoString, kustoTime } from './kusto-literal.ts';

/** One query over the log of an App Configuration store, of the incident's window alone. */
export function composeConfigurationRequests(kinds: readonly EvidenceKind[], request: ComposeRequest): ComposedQuery {
  const requests = relation(request);
  const parts = kinds.flatMap((kind) => {
    const { configurationRequests } = kind;
    return configurationRequests === undefined ? [] : [{ kind, text: configurationRequests({ requests }) }];
  });
  const legs = parts.map(
    ({ kind, text }) => `(${text}\n| project ['kind'] = '${kind.kind}', window = 'incident', row = ${packed(kind)})`,
  );
  return {
    setup: [],
    statements: parts.map(({ kind, text }) => ({ kind: kind.kind, window: 'incident', text })),
    ...(legs.length > 0 && { together: legs.length === 1 ? legs.join() : `union\n${legs.join(',\n')}` }),
    parameters: {},
  };
}

/**
 * `(at, caller, client, address, status, hits)`; who asked stands in newer columns, which a workspace may not have. A workspace
 * holds the logs of many stores.
 */
function relation({ resource, from, to }: { resource: { id: string }; from: Time; to: Time }): string {
  return `AACHttpRequest
| where TimeGenerated >= ${kustoTime(from)} and TimeGenerated < ${kustoTime(to)}
| where _ResourceId =~ ${kustoString(resource.id)}
| extend object = tostring(column_ifexists('ClientObjectId', '')), accessKey = tostring(column_ifexists('AccessKeyId', ''))
| project at = TimeGenerated, caller = tolower(iff(isempty(object), accessKey, object)), client = UserAgent,
    address = ClientIPAddress, status = toint(StatusCode), hits = tolong(HitCount)`;
}
