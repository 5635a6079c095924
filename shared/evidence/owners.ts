import * as z from 'zod/mini';
import type { EvidenceKind } from './kind.ts';

const row = z.object({
  /** The object id, app id or resource id that was asked for, lower-cased. */
  asked: z.string(),
  /** `self`: the watched resource; `system`: it has this identity of its own; `assigned`: the identity; `uses`: it was given it. */
  how: z.enum(['self', 'system', 'assigned', 'uses']),
  /** Resource id, lower-cased. */
  resource: z.string(),
  name: z.string(),
  /** Lower-cased. */
  type: z.string(),
  location: z.string(),
  resourceGroup: z.string(),
  /** Tags of the resource, else of its group; empty where neither has one. */
  owner: z.string(),
  team: z.string(),
});

export type OwnerRow = z.infer<typeof row>;

const ROWS_MAX = 200;
/** Whose an identity is changes seldom, and each late-log run asks. */
const KEEP_MS = 30 * 60_000;

/**
 * Whose the identities of the callers are: the resource that has one of its own or was given one, with its group and the tags
 * `owner` and `team` (field-notes 15), and the watched resource itself. The id of an application that is no managed
 * identity is not in Resource Graph and gives no row.
 *
 * @see https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language
 */
export const owners: EvidenceKind<OwnerRow> = {
  kind: 'owners',
  row,
  baseline: false,
  about: () => true,
  follows: 'callers',
  keepMs: KEEP_MS,
  resourceGraph: ({ resource, identities, asked }) => `resources
| extend resourceId = tolower(id), isIdentity = type =~ "microsoft.managedidentity/userassignedidentities"
| extend systemId = tolower(tostring(identity.principalId)), attached = tolower(tostring(identity.userAssignedIdentities))
| extend principalId = iff(isIdentity, tolower(tostring(properties.principalId)), "")
| extend clientId = iff(isIdentity, tolower(tostring(properties.clientId)), "")
| where resourceId == ${resource} or systemId in (${identities.join(', ')}) or principalId in (${identities.join(', ')})
    or clientId in (${identities.join(', ')}) or ${identities.map((id) => `attached contains ${id}`).join(' or ')}
| extend each = ${asked}
| mv-expand each to typeof(string)
| extend how = case(resourceId == each, "self", systemId == each, "system",
    principalId == each or clientId == each, "assigned", attached contains each, "uses", "")
| where isnotempty(each) and isnotempty(how)
| extend groupKey = tolower(resourceGroup)
| join kind=leftouter (resourcecontainers
    | where type =~ "microsoft.resources/subscriptions/resourcegroups"
    | project subscriptionId, groupKey = tolower(resourceGroup), groupTags = tags) on subscriptionId, groupKey
| project asked = each, how, resource = resourceId, name, type = tolower(type), location, resourceGroup,
    owner = ${tag('owner')},
    team = ${tag('team')}
| order by asked asc, how asc, resource asc
| take ${ROWS_MAX}`,
};

/** Names of tags are compared as written, so each usual spelling is looked up. */
function tag(name: string): string {
  const spellings = [name, name.charAt(0).toUpperCase() + name.slice(1), name.toUpperCase()];
  const all = ['tags', 'groupTags'].flatMap((tags) => spellings.map((spelling) => `tostring(${tags}.${spelling})`));
  return `coalesce(${all.join(', ')})`;
}
