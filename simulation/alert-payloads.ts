import { type Vault, type VaultRequest, vaultResourceId } from './audit-record.ts';
import { guid, type Random } from './random.ts';

type Rule = {
  name: string;
  severity: 'Sev2' | 'Sev3';
  description: string;
  metric: 'ServiceApiResult' | 'ServiceApiHit';
  threshold: number;
  aggregation: 'Total' | 'Count';
  dimensions: readonly { name: string; value: string }[];
  counts(request: VaultRequest): boolean;
};

const RULES: readonly Rule[] = [
  {
    name: 'kv-throttled',
    severity: 'Sev2',
    description: 'Key Vault refused requests (HTTP 429)',
    metric: 'ServiceApiResult',
    threshold: 0,
    aggregation: 'Total',
    dimensions: [{ name: 'StatusCode', value: '429' }],
    counts: (request) => request.status === 429,
  },
  {
    name: 'kv-hits',
    severity: 'Sev3',
    description: 'Key Vault receives more than 1,500 requests a minute',
    metric: 'ServiceApiHit',
    threshold: 1500,
    aggregation: 'Count',
    dimensions: [],
    counts: () => true,
  },
];

const MINUTE_MS = 60_000;
/** From the end of a minute until its metric has been evaluated and the action group has been called. */
const DELIVERY_MS = 84_371;
/** A stateful metric alert resolves after this many healthy checks in a row. @see Azure Monitor, alerts overview */
const HEALTHY_CHECKS = 3;

/** One webhook call of the action group: when it arrives, and its body in the common alert schema. */
export type AlertCall = { atMs: number; payload: unknown };

/** What Azure Monitor would send for this log: Fired and Resolved of two one-minute metric rules, in order of time. */
export function alertCalls(
  vault: Vault,
  log: readonly VaultRequest[],
  window: { fromMs: number; toMs: number },
  random: Random,
): AlertCall[] {
  const calls = RULES.flatMap((rule) => {
    const perMinute = countPerMinute(rule, log, window);
    return episodes(perMinute, rule.threshold).flatMap(({ firedMinute, resolvedMinute }) => {
      const alertId = guid(random);
      const call = (minute: number, condition: 'Fired' | 'Resolved'): AlertCall => {
        const evaluatedMs = window.fromMs + (minute + 1) * MINUTE_MS;
        const firedMs = window.fromMs + (firedMinute + 1) * MINUTE_MS + DELIVERY_MS;
        const value = perMinute[minute] ?? 0;
        return {
          atMs: evaluatedMs + DELIVERY_MS,
          payload: commonAlert(vault, rule, { alertId, condition, firedMs, evaluatedMs, value }),
        };
      };
      return [call(firedMinute, 'Fired'), ...(resolvedMinute === null ? [] : [call(resolvedMinute, 'Resolved')])];
    });
  });
  return calls.sort((a, b) => a.atMs - b.atMs);
}

function countPerMinute(
  rule: Rule,
  log: readonly VaultRequest[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): number[] {
  const perMinute = new Array<number>(Math.floor((toMs - fromMs) / MINUTE_MS)).fill(0);
  for (const request of log) {
    const minute = Math.floor((request.timeMs - fromMs) / MINUTE_MS);
    const count = perMinute[minute];
    if (count !== undefined && rule.counts(request)) perMinute[minute] = count + 1;
  }
  return perMinute;
}

type Episode = { firedMinute: number; resolvedMinute: number | null };

function episodes(perMinute: readonly number[], threshold: number): Episode[] {
  const found: Episode[] = [];
  let open: Episode | null = null;
  let healthy = 0;
  for (const [minute, count] of perMinute.entries()) {
    healthy = count > threshold ? 0 : healthy + 1;
    if (open === null && healthy === 0) {
      open = { firedMinute: minute, resolvedMinute: null };
      found.push(open);
    } else if (open !== null && healthy === HEALTHY_CHECKS) {
      open.resolvedMinute = minute;
      open = null;
    }
  }
  return found;
}

type Change = {
  alertId: string;
  condition: 'Fired' | 'Resolved';
  firedMs: number;
  evaluatedMs: number;
  value: number;
};

/** @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples */
function commonAlert(vault: Vault, rule: Rule, change: Change): unknown {
  const { subscriptionId, resourceGroup } = vault;
  const ruleId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/microsoft.insights/metricAlerts/${rule.name}`;
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `/subscriptions/${subscriptionId}/providers/Microsoft.AlertsManagement/alerts/${change.alertId}`,
        alertRule: rule.name,
        severity: rule.severity,
        signalType: 'Metric',
        monitorCondition: change.condition,
        monitoringService: 'Platform',
        alertTargetIDs: [vaultResourceId(vault).toLowerCase()],
        configurationItems: [vault.name],
        originAlertId: `${subscriptionId}_${resourceGroup}_microsoft.insights_metricAlerts_${rule.name}_-1284639157`,
        firedDateTime: sevenDigits(change.firedMs),
        ...(change.condition === 'Resolved' && { resolvedDateTime: sevenDigits(change.evaluatedMs + DELIVERY_MS) }),
        description: rule.description,
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
        alertRuleId: ruleId,
        targetResourceType: 'microsoft.keyvault/vaults',
        targetResourceGroup: resourceGroup,
      },
      alertContext: {
        properties: null,
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: {
          windowSize: 'PT1M',
          allOf: [
            {
              metricName: rule.metric,
              metricNamespace: 'Microsoft.KeyVault/vaults',
              operator: 'GreaterThan',
              threshold: String(rule.threshold),
              timeAggregation: rule.aggregation,
              dimensions: rule.dimensions,
              metricValue: change.value,
              webTestName: null,
            },
          ],
          windowStartTime: new Date(change.evaluatedMs - MINUTE_MS).toISOString(),
          windowEndTime: new Date(change.evaluatedMs).toISOString(),
        },
      },
      customProperties: null,
    },
  };
}

function sevenDigits(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}3213Z`;
}
