/**
 * How Azure Monitor evaluates metric alert rules, as its documents say: at every tick the window behind it is aggregated for
 * each resource and each combination of dimension values; a rule with `autoMitigate` fires once and resolves after three
 * ticks in a row without its condition, one without fires at every tick. Where there is no data, nothing is decided.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-metric-overview
 * @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview#stateful-and-stateless-alerts
 */
import { asFields } from './evaluate.ts';

const MINUTE_MS = 60_000;
const TICKS_TO_RESOLVE = 3;

/** What a metric said in one minute: the sum over so many samples. */
export type Minute = { at: number; sum: number; count: number };

export type Series = {
  /** ARM id as Azure writes it. */
  resourceId: string;
  region: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, string>;
  minutes: Minute[];
};

type Criterion = {
  metricNamespace: string;
  metricName: string;
  timeAggregation: string;
  operator: string;
  threshold: number;
  dimensions?: { name: string; operator: string; values: string[] }[];
};

export type Rule = {
  id: string;
  name: string;
  description: string;
  severity: number;
  scopes: string[];
  region: string | undefined;
  frequencyMs: number;
  windowMs: number;
  window: string;
  stateful: boolean;
  conditionType: string;
  criteria: Criterion[];
  custom: Record<string, string>;
};

export type Notification = { rule: string; condition: 'Fired' | 'Resolved'; at: number; payload: unknown };

/** Reads a deployed `Microsoft.Insights/metricAlerts`. */
export function ruleOf(deployed: { subscriptionId: string; body: Record<string, unknown> }, group: string): Rule {
  const { name, properties } = deployed.body;
  const fields = asFields(properties);
  const criteria = asFields(fields['criteria']);
  const [action] = listOf(fields['actions']);
  return {
    id: `/subscriptions/${deployed.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Insights/metricAlerts/${String(name)}`,
    name: String(name),
    description: String(fields['description']),
    severity: Number(fields['severity']),
    scopes: listOf(fields['scopes']).map(String),
    region: typeof fields['targetResourceRegion'] === 'string' ? fields['targetResourceRegion'] : undefined,
    frequencyMs: durationMs(String(fields['evaluationFrequency'])),
    windowMs: durationMs(String(fields['windowSize'])),
    window: String(fields['windowSize']),
    stateful: fields['autoMitigate'] === true,
    conditionType:
      String(criteria['odata.type'])
        .split('.')
        .at(-1)
        ?.replace(/Criteria$/, '') ?? '',
    criteria: listOf(criteria['allOf']).map(criterionOf),
    custom: Object.fromEntries(
      Object.entries(asFields(asFields(action)['webHookProperties'])).map(([key, value]) => [key, String(value)]),
    ),
  };
}

function criterionOf(value: unknown): Criterion {
  const { metricNamespace, metricName, timeAggregation, operator, threshold, dimensions } = asFields(value);
  return {
    metricNamespace: String(metricNamespace),
    metricName: String(metricName),
    timeAggregation: String(timeAggregation),
    operator: String(operator),
    threshold: Number(threshold),
    dimensions: listOf(dimensions).map((one) => {
      const { name, operator: how, values } = asFields(one);
      return { name: String(name), operator: String(how), values: listOf(values).map(String) };
    }),
  };
}

/** What a rule tells its action group between two times. */
export function watch(rule: Rule, series: readonly Series[], from: number, to: number): Notification[] {
  const told: Notification[] = [];
  const resources = new Set(series.filter((one) => isInScope(rule, one)).map(({ resourceId }) => resourceId));
  for (const resourceId of resources) {
    let since: number | null = null;
    let calm = 0;
    for (let at = from; at <= to; at += rule.frequencyMs) {
      const met = evaluate(
        rule,
        series.filter((one) => one.resourceId === resourceId),
        at,
      );
      if (met === null) continue;
      calm = met.holds ? 0 : calm + 1;
      if (met.holds && (since === null || !rule.stateful)) {
        since = at;
        told.push({
          rule: rule.name,
          condition: 'Fired',
          at,
          payload: payloadOf(rule, resourceId, met.values, { at, since }),
        });
      } else if (since !== null && rule.stateful && calm >= TICKS_TO_RESOLVE) {
        told.push({
          rule: rule.name,
          condition: 'Resolved',
          at,
          payload: payloadOf(rule, resourceId, met.values, { at, since, resolved: true }),
        });
        since = null;
      }
    }
  }
  return told.sort((a, b) => a.at - b.at);
}

function isInScope({ scopes, region }: Rule, series: Series): boolean {
  const within = scopes.some((scope) => `${series.resourceId}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase()));
  return within && (region === undefined || region === series.region);
}

type Met = { holds: boolean; values: { criterion: Criterion; value: number; dimensions: Record<string, string> }[] };

/** Null: no data in the window. All criteria must hold; of one criterion, any combination of dimension values. */
function evaluate(rule: Rule, series: readonly Series[], at: number): Met | null {
  const values: Met['values'] = [];
  let holds = true;
  for (const criterion of rule.criteria) {
    const readings = series
      .filter(
        (one) =>
          one.metric === criterion.metricName && one.namespace === criterion.metricNamespace && selects(criterion, one),
      )
      .flatMap((one) => {
        const value = aggregate(
          criterion.timeAggregation,
          one.minutes.filter((minute) => minute.at >= at - rule.windowMs && minute.at < at),
        );
        const named = (criterion.dimensions ?? []).map(({ name }) => [name, one.dimensions[name] ?? '']);
        return value === null ? [] : [{ criterion, value, dimensions: Object.fromEntries(named) }];
      });
    if (readings.length === 0) return null;
    const breaching = readings.filter(({ value }) => compare(value, criterion.operator, criterion.threshold));
    holds &&= breaching.length > 0;
    values.push(...(breaching.length > 0 ? breaching.slice(0, 1) : readings.slice(0, 1)));
  }
  return { holds, values };
}

function selects({ dimensions = [] }: Criterion, series: Series): boolean {
  return dimensions.every(({ name, operator, values }) => {
    const listed = values.includes('*') || values.includes(series.dimensions[name] ?? '');
    return operator === 'Include' ? listed : !listed;
  });
}

function aggregate(how: string, minutes: readonly Minute[]): number | null {
  const sum = minutes.reduce((total, minute) => total + minute.sum, 0);
  const count = minutes.reduce((total, minute) => total + minute.count, 0);
  if (count === 0) return null;
  switch (how) {
    case 'Total':
      return sum;
    case 'Count':
      return count;
    case 'Average':
      return sum / count;
    default:
      throw new Error(`the aggregation ${how} is not played here`);
  }
}

export function compare(value: number, operator: string, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThan':
      return value > threshold;
    case 'GreaterThanOrEqual':
      return value >= threshold;
    case 'LessThan':
      return value < threshold;
    default:
      throw new Error(`the operator ${operator} is not played here`);
  }
}

/** @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples */
function payloadOf(
  rule: Rule,
  resourceId: string,
  values: Met['values'],
  times: { at: number; since: number; resolved?: true },
): unknown {
  const [, , subscription = ''] = rule.id.split('/');
  const ids = `${rule.name}${resourceId}${times.since}`
    .split('')
    .reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1e9, 7);
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: `/subscriptions/${subscription}/providers/Microsoft.AlertsManagement/alerts/00000000-0000-0000-0000-${String(ids).padStart(12, '0')}`,
        alertRule: rule.name,
        alertRuleId: rule.id,
        severity: `Sev${rule.severity}`,
        signalType: 'Metric',
        monitorCondition: times.resolved ? 'Resolved' : 'Fired',
        monitoringService: 'Platform',
        alertTargetIDs: [resourceId.toLowerCase()],
        configurationItems: [resourceId.split('/').at(-1)],
        originAlertId: `${subscription}_rg_microsoft.insights_metricAlerts_${rule.name}_${ids}`,
        firedDateTime: new Date(times.since).toISOString(),
        ...(times.resolved ? { resolvedDateTime: new Date(times.at).toISOString() } : {}),
        description: rule.description,
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {
        properties: rule.custom,
        conditionType: `${rule.conditionType}Criteria`.replace(/CriteriaCriteria$/, 'Criteria'),
        condition: {
          windowSize: rule.window,
          allOf: values.map(({ criterion, value, dimensions }) => ({
            metricName: criterion.metricName,
            metricNamespace: criterion.metricNamespace,
            operator: criterion.operator,
            threshold: String(criterion.threshold),
            timeAggregation: criterion.timeAggregation,
            dimensions: Object.entries(dimensions).map(([name, of]) => ({ name, value: of })),
            metricValue: value,
            webTestName: null,
          })),
          windowStartTime: new Date(times.at - rule.windowMs).toISOString(),
          windowEndTime: new Date(times.at).toISOString(),
        },
      },
      customProperties: rule.custom,
    },
  };
}

/** `PT5M`, `PT6H`. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^PT(\d+)([MH])$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`${text} is no duration that is played here`);
  return Number(amount) * (unit === 'H' ? 60 : 1) * MINUTE_MS;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
