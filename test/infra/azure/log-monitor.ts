/**
 * How Azure Monitor evaluates log search alert rules, as its documents say: at every tick the query runs over the windows behind
 * it, as many as there are evaluation periods; rows are counted for each combination of dimension values; a rule with
 * `autoMitigate` fires once and resolves after three ticks in a row without its condition. The query is run by the interpreter of
 * test/kql.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#log-alerts
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview#stateful-and-stateless-alerts
 */
import { execute, type Stored } from '../../kql/execute.ts';
import { asFields } from './evaluate.ts';
import { compare, durationMs, listOf, type Notification } from './monitor.ts';

/** Of rules that look every 5 to 15 minutes. */
const TICKS_TO_RESOLVE = 3;

export type LogRule = {
  id: string;
  name: string;
  description: string;
  severity: number;
  scopes: string[];
  frequencyMs: number;
  windowMs: number;
  window: string;
  stateful: boolean;
  query: string;
  dimensions: string[];
  operator: string;
  threshold: number;
  periods: { looked: number; failing: number };
  actionGroups: string[];
  custom: Record<string, string>;
};

/** Reads a deployed `Microsoft.Insights/scheduledQueryRules` that counts rows, with one criterion. */
export function logRuleOf(
  deployed: { subscriptionId: string; body: Record<string, unknown> },
  group = 'rg-headroom',
): LogRule {
  const { name, properties } = deployed.body;
  const fields = asFields(properties);
  const [criterion, ...others] = listOf(asFields(fields['criteria'])['allOf']).map(asFields);
  if (!criterion || others.length > 0 || criterion['timeAggregation'] !== 'Count')
    throw new Error(`${String(name)} is no rule that is played here`);
  const dimensions = listOf(criterion['dimensions']).map(asFields);
  if (dimensions.some(({ operator, values }) => operator !== 'Include' || String(listOf(values)) !== '*'))
    throw new Error(`${String(name)} has dimensions that are not played here`);
  const { numberOfEvaluationPeriods, minFailingPeriodsToAlert } = asFields(criterion['failingPeriods']);
  const { actionGroups, customProperties } = asFields(fields['actions']);
  return {
    id: `/subscriptions/${deployed.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Insights/scheduledQueryRules/${String(name)}`,
    name: String(name),
    description: String(fields['description']),
    severity: Number(fields['severity']),
    scopes: listOf(fields['scopes']).map(String),
    frequencyMs: durationMs(String(fields['evaluationFrequency'])),
    windowMs: durationMs(String(fields['windowSize'])),
    window: String(fields['windowSize']),
    stateful: fields['autoMitigate'] === true,
    query: String(criterion['query']),
    dimensions: dimensions.map((one) => String(one['name'])),
    operator: String(criterion['operator']),
    threshold: Number(criterion['threshold']),
    periods: { looked: Number(numberOfEvaluationPeriods), failing: Number(minFailingPeriodsToAlert) },
    actionGroups: listOf(actionGroups).map(String),
    custom: Object.fromEntries(Object.entries(asFields(customProperties)).map(([key, value]) => [key, String(value)])),
  };
}

type Standing = { values: string[]; since: number | null; calm: number };

/** What a rule tells its action groups between two times, of a workspace that holds these tables. */
export function watchLogs(rule: LogRule, tables: readonly Stored[], from: number, to: number): Notification[] {
  const told: Notification[] = [];
  const known = new Map<string, Standing>();
  for (let at = from; at <= to; at += rule.frequencyMs) {
    const windows = Array.from({ length: rule.periods.looked }, (_, back) =>
      countsIn(rule, tables, at - back * rule.windowMs),
    );
    for (const { key, values } of windows.flatMap((counts) => [...counts.values()]))
      if (!known.has(key)) known.set(key, { values, since: null, calm: 0 });
    for (const [key, standing] of known) {
      const counted = windows.map((counts) => counts.get(key)?.count ?? 0);
      const failing = counted.filter((count) => compare(count, rule.operator, rule.threshold)).length;
      const met = failing >= rule.periods.failing;
      standing.calm = met ? 0 : standing.calm + 1;
      const tell = (condition: Notification['condition'], since: number): void => {
        const payload = payloadOf(rule, standing.values, { at, since, value: counted[0] ?? 0, condition });
        told.push({ rule: rule.name, condition, at, payload });
      };
      if (met && (standing.since === null || !rule.stateful)) {
        standing.since = at;
        tell('Fired', at);
      } else if (standing.since !== null && rule.stateful && standing.calm >= TICKS_TO_RESOLVE) {
        tell('Resolved', standing.since);
        standing.since = null;
      }
    }
  }
  return told;
}

type Counted = { key: string; values: string[]; count: number };

/** Rows for each combination of dimension values in the window that ends then; without dimensions always one, of none too. */
function countsIn(rule: LogRule, tables: readonly Stored[], end: number): Map<string, Counted> {
  const [from, to] = [end - rule.windowMs, end].map((ms) => new Date(ms).toISOString());
  const { columns, rows } = execute(rule.query, tables, { from: from ?? '', to: to ?? '' });
  const places = rule.dimensions.map((name) => columns.findIndex((column) => column.name === name));
  if (places.some((place) => place < 0))
    throw new Error(`${rule.name}: the query gives no ${rule.dimensions.join(', ')}`);
  const counts = new Map<string, Counted>();
  if (places.length === 0) counts.set('[]', { key: '[]', values: [], count: 0 });
  for (const row of rows) {
    const values = places.map((place) => String(row[place]));
    const key = JSON.stringify(values);
    const counted = counts.get(key) ?? { key, values, count: 0 };
    counted.count += 1;
    counts.set(key, counted);
  }
  return counts;
}

/** @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples */
function payloadOf(
  rule: LogRule,
  values: readonly string[],
  told: { at: number; since: number; value: number; condition: 'Fired' | 'Resolved' },
): unknown {
  const { at, since, value, condition } = told;
  const [, , subscription = ''] = rule.id.split('/');
  const number = [...`${rule.name}${values.join()}${since}`].reduce(
    (sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1e9,
    7,
  );
  const id = `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `/subscriptions/${subscription}/providers/Microsoft.AlertsManagement/alerts/${id}`,
        alertRule: rule.name,
        alertRuleId: rule.id,
        severity: `Sev${rule.severity}`,
        signalType: 'Log',
        monitorCondition: condition,
        monitoringService: 'Log Alerts V2',
        alertTargetIDs: rule.scopes.map((scope) => scope.toLowerCase()),
        configurationItems: rule.scopes.map((scope) => scope.split('/').at(-1)),
        originAlertId: id,
        firedDateTime: new Date(since).toISOString(),
        ...(condition === 'Resolved' ? { resolvedDateTime: new Date(at).toISOString() } : {}),
        description: rule.description,
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {
        properties: rule.custom,
        conditionType: 'LogQueryCriteria',
        condition: {
          windowSize: rule.window,
          allOf: [
            {
              searchQuery: rule.query,
              metricMeasureColumn: null,
              targetResourceTypes: "['Microsoft.OperationalInsights/workspaces']",
              operator: rule.operator,
              threshold: String(rule.threshold),
              timeAggregation: 'Count',
              dimensions: rule.dimensions.map((name, i) => ({ name, value: values[i] ?? '' })),
              metricValue: value,
              failingPeriods: {
                numberOfEvaluationPeriods: rule.periods.looked,
                minFailingPeriodsToAlert: rule.periods.failing,
              },
            },
          ],
          windowStartTime: new Date(at - rule.windowMs).toISOString(),
          windowEndTime: new Date(at).toISOString(),
        },
      },
      customProperties: rule.custom,
    },
  };
}
