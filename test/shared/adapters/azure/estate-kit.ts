import { READER_ACTIONS } from '../../../../shared/adapters/azure/reader-actions.ts';
import { type AzureEstateServer, startAzureEstate } from '../../../../simulation/servers/azure-estate.ts';
import { executeGraph, OTHER_SUBSCRIPTION, resource, SUBSCRIPTION } from './graph-kit.ts';

export const READER = '33333333-3333-3333-3333-333333333333';
const WORKSPACE = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-logs/providers/microsoft.operationalinsights/workspaces/log-central`;
export const ACTION_GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-headroom/providers/microsoft.insights/actiongroups/ag-headroom`;

export const VAULT_TYPE = 'Microsoft.KeyVault/vaults';
const STORE_TYPE = 'Microsoft.AppConfiguration/configurationStores';

/** A diagnostic setting as Azure gives it. */
function auditSetting(
  name: string,
  given: {
    category?: string;
    group?: string;
    workspaceId?: string | null;
    dedicated?: boolean;
    enabled?: boolean;
  } = {},
) {
  const { category = 'AuditEvent', group, workspaceId = WORKSPACE, dedicated = true, enabled = true } = given;
  return {
    name,
    properties: {
      workspaceId,
      logAnalyticsDestinationType: dedicated ? 'Dedicated' : null,
      logs: [group === undefined ? { category, enabled } : { categoryGroup: group, enabled }],
    },
  };
}

/** A metric rule over the vaults of a region, as the deployment makes it. */
export function regionRule(name: string, region: string, subscription = SUBSCRIPTION) {
  return {
    id: `/subscriptions/${subscription}/resourceGroups/rg-headroom-alerts/providers/microsoft.insights/metricAlerts/${name}`,
    name,
    properties: {
      enabled: true,
      scopes: [`/subscriptions/${subscription}`],
      targetResourceType: VAULT_TYPE,
      targetResourceRegion: region,
      actions: [{ actionGroupId: ACTION_GROUP }],
    },
  };
}

/** A role of one identity on a subscription. */
export function giveRole(
  server: AzureEstateServer,
  subscription: string,
  actions: string[],
  notActions: string[] = [],
) {
  const scope = `/subscriptions/${subscription}`;
  const id = `${scope}/providers/microsoft.authorization/roledefinitions/role-${server.roleDefinitions.size}`;
  server.roleDefinitions.set(id, { actions, notActions });
  server.roleAssignments.push({ principalId: READER, scope, roleDefinitionId: id });
}

/**
 * Two subscriptions: one that Headroom watches, with a vault that logs, one that logs twice, one that opted out and one in a region
 * without rules; and one that nobody has onboarded.
 */
export async function startSmallEstate(): Promise<AzureEstateServer> {
  const server = await startAzureEstate(executeGraph);
  server.readable.add(SUBSCRIPTION).add(OTHER_SUBSCRIPTION);
  server.managementGroups.set('mg-contoso', [SUBSCRIPTION, OTHER_SUBSCRIPTION]);
  const vault = (name: string, location: string, more: { subscription?: string; tags?: Record<string, string> } = {}) =>
    resource({ type: VAULT_TYPE, name, location, ...more });
  const [shop, twice, quiet, north, legacy] = [
    vault('kv-shop', 'westeurope'),
    vault('kv-twice', 'westeurope'),
    vault('kv-quiet', 'westeurope', { tags: { headroom: 'off' } }),
    vault('kv-north', 'northeurope'),
    vault('kv-legacy', 'westeurope', { subscription: OTHER_SUBSCRIPTION }),
  ];
  const store = resource({ type: STORE_TYPE, name: 'appcs-shop' });
  const identity = resource({
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    name: 'id-headroom-reader',
    properties: { principalId: READER },
  });
  server.tables.set('resources', [shop, twice, quiet, north, legacy, store, identity]);
  server.tables.set(
    'resourcecontainers',
    [SUBSCRIPTION, OTHER_SUBSCRIPTION].map((subscriptionId) => ({
      subscriptionId,
      type: 'microsoft.resources/subscriptions',
    })),
  );
  server.diagnosticSettings.set(shop.id.toLowerCase(), [auditSetting('to-central')]);
  server.diagnosticSettings.set(twice.id.toLowerCase(), [
    auditSetting('to-central', { group: 'allLogs', dedicated: false }),
    auditSetting("ann's", { workspaceId: WORKSPACE.replace('log-central', 'log-ann') }),
  ]);
  server.diagnosticSettings.set(legacy.id.toLowerCase(), [auditSetting('archive', { workspaceId: null })]);
  server.workspaceTables.set(`${WORKSPACE}/tables/azkvauditlogs`, { plan: 'Analytics' });
  server.workspaceTables.set(`${WORKSPACE}/tables/azurediagnostics`, { plan: 'Basic' });
  server.metricAlerts.push(regionRule('headroom-kv-westeurope-throttled', 'westeurope'));
  server.actionGroups.set(ACTION_GROUP, {
    enabled: true,
    webhookReceivers: [
      {
        name: 'headroom',
        serviceUri: 'https://func-headroom.azurewebsites.net/api/alerts/azure?token=a-token',
        useCommonAlertSchema: true,
      },
    ],
  });
  server.requestsADay.set(shop.id.toLowerCase(), 40_000);
  server.requestsADay.set(north.id.toLowerCase(), 432_000);
  giveRole(server, SUBSCRIPTION, [...READER_ACTIONS]);
  giveRole(server, OTHER_SUBSCRIPTION, ['Microsoft.Insights/*'], ['Microsoft.Insights/metrics/*']);
  return server;
}
