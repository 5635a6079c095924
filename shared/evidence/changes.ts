import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  /** Resource id, lower-cased. */
  resource: z.string(),
  atMs: z.number(),
  /** `Create`, `Update` or `Delete`. */
  change: z.string(),
  /** App id or sign-in name; empty where it is not known. */
  actor: z.string(),
  /** `User`, `Application`, `System` … */
  actorType: z.string(),
  /** `Azure Portal`, `ARM Template` …; empty where it is not known. */
  client: z.string(),
  operation: z.string(),
  /** Names of the properties that changed, without their values, at most 400 characters. */
  properties: z.string(),
});

export type ChangeRow = z.infer<typeof row>;

/** What was changed in the evening may only show in the morning's load. */
const BEFORE = '1d';
const ROWS_MAX = 100;

/**
 * What changed of the watched resource and of its callers' resources, from a day before the window to its end, latest first.
 * Values are left out: a setting may hold a secret. Kept by Resource Graph for 14 days, there after some 5 min.
 *
 * @see https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes
 */
export const changes: EvidenceKind<ChangeRow> = {
  kind: 'changes',
  row,
  baseline: false,
  about: () => true,
  follows: 'owners',
  resourceGraph: ({ resources, from, to }) => `resourcechanges
| extend attributes = properties.changeAttributes
| extend resource = tolower(tostring(properties.targetResourceId)), at = todatetime(tostring(attributes.timestamp))
| where resource in (${resources.join(', ')}) and at >= ${from} - ${BEFORE} and at < ${to}
| project resource, atMs = tolong((at - datetime(1970-01-01)) / 1ms), change = tostring(properties.changeType),
    actor = tostring(attributes.changedBy), actorType = tostring(attributes.changedByType),
    client = tostring(attributes.clientType), operation = tostring(attributes.operation),
    properties = substring(strcat_array(bag_keys(properties.changes), ", "), 0, 400)
| order by atMs desc, resource asc
| take ${ROWS_MAX}`,
};
