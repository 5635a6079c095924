import { createAzureFiringAlerts } from '../../../../shared/adapters/azure/alerts-management.ts';
import { createArmClient } from '../../../../shared/adapters/azure/arm.ts';
import type { FiringAlerts } from '../../../../shared/ports.ts';
import {
  type AzureAlertsServer,
  type KeptAlert,
  startAzureAlerts,
} from '../../../../simulation/servers/azure-alerts.ts';
import { type FakeClock, fakeClock, seededRandom } from '../../../kit.ts';

export const SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111';
export const GROUP = `${SUBSCRIPTION}/resourcegroups/rg-ops/providers/microsoft.insights/actiongroups/headroom`;
export const VAULT = `${SUBSCRIPTION}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-shop`;
export const SINCE = '2026-11-20T13:00:00.000Z';
export const MARK = { name: 'headroom_reconciled', value: 'found' };

export function ruleId(name: string, kind = 'microsoft.insights/metricAlerts'): string {
  return `${SUBSCRIPTION}/resourceGroups/rg-shop/providers/${kind}/${name}`;
}

/** A metric alert on a vault as Alerts Management lists it: below its target, its context wrapped in another one. */
export function keptAlert(essentials: Record<string, unknown> = {}, n = 1): KeptAlert {
  const guid = `22222222-2222-2222-2222-${String(n).padStart(12, '0')}`;
  return {
    id: `${VAULT}/providers/Microsoft.AlertsManagement/alerts/${guid}`,
    properties: {
      essentials: {
        severity: 'Sev2',
        signalType: 'Metric',
        alertState: 'New',
        monitorCondition: 'Fired',
        monitorService: 'Platform',
        targetResource: VAULT.toUpperCase(),
        targetResourceName: 'kv-shop',
        targetResourceGroup: 'rg-shop',
        targetResourceType: 'vaults',
        sourceCreatedId: 'origin-1',
        alertRule: ruleId('KV-throttled').toLowerCase(),
        startDateTime: '2026-11-20T13:50:00.1234567Z',
        lastModifiedDateTime: '2026-11-20T13:50:01Z',
        actionStatus: { isSuppressed: false },
        description: 'Key Vault returned HTTP 429',
        ...essentials,
      },
      context: {
        context: {
          conditionType: 'SingleResourceMultipleMetricCriteria',
          condition: {
            windowSize: 'PT5M',
            allOf: [
              {
                metricName: 'ServiceApiResult',
                metricNamespace: 'Microsoft.KeyVault/vaults',
                operator: 'GreaterThan',
                threshold: '0',
                timeAggregation: 'Total',
                dimensions: [{ name: 'StatusCode', value: '429' }],
                metricValue: 184,
              },
            ],
          },
        },
        properties: { team: 'payments' },
      },
    },
  };
}

export function metricRule(name: string, ...groups: string[]): { name: string; properties: unknown } {
  return { name, properties: { enabled: true, actions: groups.map((actionGroupId) => ({ actionGroupId })) } };
}

export type Setting = { server: AzureAlertsServer; clock: FakeClock; clouds: FiringAlerts[] };

/** One scope unless told otherwise, and a clock on which each wait ends at once. */
export async function startSetting(scopes: readonly string[] = [SUBSCRIPTION]): Promise<Setting> {
  const server = await startAzureAlerts();
  const still = fakeClock();
  const clock: FakeClock = {
    ...still,
    sleep: async (ms) => {
      void still.sleep(ms).catch(() => undefined);
      still.advance(ms);
    },
  };
  const credential = { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const arm = createArmClient({
    host: { url: server.origin, scope: 'https://management.example/.default' },
    credential,
    calls: { clock, random: seededRandom(1) },
  });
  return { server, clock, clouds: createAzureFiringAlerts({ arm, clock, scopes }) };
}
