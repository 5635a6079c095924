import { HeadroomError } from '../../errors.ts';
import type { Estate, EstateKind, EstateResource, ReaderRoles } from '../../model/estate.ts';
import type { Row } from '../../model.ts';
import type { Clock } from '../../ports.ts';
import type { ArmClient } from './arm.ts';
import { readRequests } from './estate-load.ts';
import { paceReads } from './estate-pace.ts';
import { missingActions } from './estate-roles.ts';
import { listRules } from './estate-rules.ts';
import { readAuditSettings, readTables } from './estate-settings.ts';
import { createUnread, inParallel } from './estate-unread.ts';
import type { ResourceGraph } from './resource-graph-client.ts';

/** Azure's own names of what is looked at, lower-cased. */
const TYPES: Readonly<Record<EstateKind, string>> = {
  vault: 'microsoft.keyvault/vaults',
  store: 'microsoft.appconfiguration/configurationstores',
};

type EstateRequest = {
  /** Lower-cased ARM ids; with a management group its subscriptions are added. */
  scopes: readonly string[];
  managementGroup?: string | undefined;
  /** Object id of the identity that reads; looked for by its name where it is not told. */
  reader?: string | undefined;
  /** What that identity has to be allowed. */
  actions: readonly string[];
};

const SUBSCRIPTION = /^\/subscriptions\/([^/]+)/;

const SUBSCRIPTIONS = `resourcecontainers
| where type =~ "microsoft.resources/subscriptions"
| project subscription = tolower(subscriptionId)`;

const RESOURCES = `resources
| where type in~ ("${TYPES.vault}", "${TYPES.store}")
| project id = tolower(id), name, type = tolower(type), region = tolower(location), tag = tostring(tags.headroom)
| order by id asc`;

/** As the deployment names it: `id-<name>-reader`. */
const READERS = `resources
| where type =~ "microsoft.managedidentity/userassignedidentities"
| where name startswith "id-" and name endswith "-reader"
| project principal = tostring(properties.principalId)`;

type EstateReader = { read(request: EstateRequest): Promise<Estate> };

/**
 * Lists what stands in an estate, and writes nothing: two or three questions to Resource Graph, one of Resource Manager for
 * each resource, a few for each subscription. What is refused on the way is told in `unread`.
 *
 * @throws HeadroomError as those of `ArmClient` where not even the resources can be listed
 */
export function createEstateReader(options: { arm: ArmClient; graph: ResourceGraph; clock: Clock }): EstateReader {
  const { graph, clock } = options;
  const arm = paceReads(options.arm, clock);

  async function subscriptionsOf({ scopes, managementGroup }: EstateRequest): Promise<string[]> {
    const named = scopes.flatMap((scope) => SUBSCRIPTION.exec(scope)?.[1] ?? []);
    if (managementGroup === undefined) return [...new Set(named)].sort();
    const what = `listing the subscriptions of ${managementGroup}`;
    const { rows } = await graph.ask({ what, text: SUBSCRIPTIONS, subscriptions: [], managementGroup });
    return [...new Set([...named, ...rows.map((row) => String(row['subscription']))])].sort();
  }

  async function readerOf(subscriptions: readonly string[]): Promise<string | null> {
    const { rows } = await graph.ask({ what: 'looking for the identity that reads', text: READERS, subscriptions });
    const principals = [...new Set(rows.map((row) => row['principal']))];
    return principals.length === 1 ? String(principals[0]) : null;
  }

  return {
    async read(request) {
      const subscriptions = await subscriptionsOf(request);
      // Without any, Resource Graph would be asked about everything that may be read.
      if (subscriptions.length === 0)
        throw new HeadroomError('not-found', 'there is no subscription to look at that this identity may read', {
          nextStep: 'name others, or give this identity the role Reader there',
        });
      const unread = createUnread();
      const { rows, truncated } = await graph.ask({ what: 'listing vaults', text: RESOURCES, subscriptions });
      const listed = rows.flatMap(resourceOf).filter(({ id }) => isWithin(id, request));
      const audits = await inParallel(listed, (one) => readAuditSettings(arm, one, unread));
      const requests = await readRequests(arm, listed, clock.now(), unread);
      const resources = listed.map((one, at) => ({
        ...one,
        audit: audits[at] ?? null,
        requestsPerMonth: requests.get(one.id) ?? null,
      }));
      const reader = request.reader ?? (await unread.unless(readerOf(subscriptions), null));
      const rules = await inParallel(subscriptions, (id) => unread.unless(listRules(arm, id), []));
      const missing = await rolesOf(arm, { reader, subscriptions, actions: request.actions }, unread);
      return {
        ...{ subscriptions, resources, reader, truncated },
        rules: rules.flat(),
        roles: missing,
        tables: await readTables(arm, resources, unread),
        unread: unread.all(),
      };
    },
  };
}

type Asked = { reader: string | null; subscriptions: readonly string[]; actions: readonly string[] };

async function rolesOf(
  arm: ArmClient,
  { reader, subscriptions, actions }: Asked,
  unread: ReturnType<typeof createUnread>,
): Promise<ReaderRoles[]> {
  if (reader === null) return [];
  return inParallel(subscriptions, async (subscription) => ({
    subscription,
    missing: await unread.unless(missingActions(arm, { subscription, reader, actions }), null),
  }));
}

function resourceOf(row: Row): Omit<EstateResource, 'audit' | 'requestsPerMonth'>[] {
  const [id, type] = [String(row['id']), row['type']];
  const subscription = SUBSCRIPTION.exec(id)?.[1];
  if (subscription === undefined) return [];
  const kind = type === TYPES.vault ? 'vault' : 'store';
  const optedOut = String(row['tag']).toLowerCase() === 'off';
  return [{ id, name: String(row['name']), kind, subscription, region: String(row['region']), optedOut }];
}

/** A scope may be a group or a resource; a management group holds its subscriptions whole. */
function isWithin(id: string, { scopes, managementGroup }: EstateRequest): boolean {
  return managementGroup !== undefined || scopes.some((scope) => `${id}/`.startsWith(`${scope}/`));
}
