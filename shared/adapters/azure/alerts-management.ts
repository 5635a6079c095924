import * as z from 'zod/mini';
import type { Time } from '../../model.ts';
import type { Clock, FiringAlert, FiringAlerts } from '../../ports.ts';
import { createAlertRules, type RuleReader } from './alert-rules.ts';
import type { ArmClient } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all (read 2026-11-21) */
const API_VERSION = '2019-03-01';

/** The most that a page holds when it carries each alert's context. */
const PAGE_ALERTS = 25;

/** What the identity of this process needs on each scope; the rules are read to see whom they notify. */
export const permissions = {
  arm: [
    'Microsoft.AlertsManagement/alerts/read',
    'Microsoft.Insights/metricAlerts/read',
    'Microsoft.Insights/scheduledQueryRules/read',
    'Microsoft.Insights/activityLogAlerts/read',
    'Microsoft.AlertsManagement/smartDetectorAlertRules/read',
    'Microsoft.AlertsManagement/prometheusRuleGroups/read',
  ],
} as const;

const text = z.nullish(z.string());

const LISTED = z.object({
  id: z.string(),
  properties: z.object({
    essentials: z.object({
      severity: text,
      signalType: text,
      alertState: text,
      monitorService: text,
      targetResource: text,
      targetResourceName: text,
      sourceCreatedId: text,
      alertRule: text,
      startDateTime: z.string(),
      description: text,
      actionStatus: z.nullish(z.object({ isSuppressed: z.nullish(z.boolean()) })),
    }),
    context: z.optional(z.unknown()),
    customProperties: z.optional(z.unknown()),
  }),
});

type Listed = z.infer<typeof LISTED>;
type Mark = { name: string; value: string };

/**
 * What fires in Azure Monitor, in the form in which an action group sends it: with the same ids, times and names, so that the
 * source gives it the same alert id as its webhook. A list for each scope, oldest first.
 *
 * @param options.scopes ARM ids of subscriptions, resource groups or resources
 */
export function createAzureFiringAlerts(options: {
  arm: ArmClient;
  clock: Clock;
  scopes: readonly string[];
}): FiringAlerts[] {
  const { arm, clock } = options;
  const rules = createAlertRules({ arm, clock });
  return outermost(options.scopes).map((scope) => ({
    name: `azure ${scope}`,
    async list({ since, limit, mark }, signal) {
      const reader = rules.begin(signal);
      const path = `${scope}/providers/Microsoft.AlertsManagement/alerts`;
      const query = queryOf(since, new Date(clock.now()).toISOString());
      const alerts: FiringAlert[] = [];
      for await (const page of arm.pages(`listing what fires in ${scope}`, path, query, signal)) {
        for (const item of page) {
          if (alerts.length >= limit || reader.gaveUp()) return { alerts, complete: false };
          const listed = LISTED.safeParse(item);
          const alert = listed.success ? await firingOf(listed.data, reader, mark) : null;
          if (alert && alert.firedAt >= since) alerts.push(alert);
        }
      }
      return { alerts, complete: !reader.gaveUp() };
    },
  }));
}

function queryOf(since: Time, now: Time) {
  return {
    'api-version': API_VERSION,
    monitorCondition: 'Fired',
    includeContext: true,
    pageCount: PAGE_ALERTS,
    sortBy: 'startDateTime',
    sortOrder: 'asc',
    customTimeRange: `${since}/${now}`,
  };
}

/** Without those that lie in another one. */
function outermost(scopes: readonly string[]): string[] {
  const all = [...new Set(scopes)];
  return all.filter((scope) => !all.some((other) => other !== scope && `${scope}/`.startsWith(`${other}/`)));
}

/** @returns null for what no action group would have been told of, and for a rule that this run has no time to read */
async function firingOf(listed: Listed, rules: RuleReader, mark: Mark): Promise<FiringAlert | null> {
  const { essentials } = listed.properties;
  const firedAt = new Date(essentials.startDateTime);
  const alertId = alertIdOf(listed.id);
  if (alertId === null || Number.isNaN(firedAt.getTime()) || !essentials.alertRule) return null;
  const rule = await rules.read(essentials.alertRule);
  if (rule === null) return null;
  const suppressed = suppressionOf(essentials);
  return {
    source: 'azure',
    body: bodyOf(listed, { alertId, rule: rule.name, mark }),
    rule: rule.name,
    firedAt: firedAt.toISOString(),
    notifies: rule.actionGroups,
    ...(suppressed === undefined ? {} : { suppressed }),
  };
}

/** The list gives the id below its target; webhooks give it below the subscription. */
function alertIdOf(id: string): string | null {
  const [, subscription, guid] =
    /^\/subscriptions\/([^/]+)\/(?:.*\/)?providers\/Microsoft\.AlertsManagement\/alerts\/([^/]+)$/i.exec(id) ?? [];
  return subscription && guid
    ? `/subscriptions/${subscription}/providers/Microsoft.AlertsManagement/alerts/${guid}`
    : null;
}

function suppressionOf({ actionStatus, alertState }: Listed['properties']['essentials']): string | undefined {
  if (actionStatus?.isSuppressed === true) return 'an alert processing rule suppresses its actions';
  return alertState?.toLowerCase() === 'closed' ? 'somebody has closed it' : undefined;
}

/** @see https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema */
function bodyOf({ properties }: Listed, told: { alertId: string; rule: string; mark: Mark }): unknown {
  const { essentials, context, customProperties } = properties;
  const { severity, signalType, monitorService, targetResource, targetResourceName } = essentials;
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: told.alertId,
        alertRule: told.rule,
        alertRuleId: essentials.alertRule,
        severity,
        signalType,
        monitorCondition: 'Fired',
        monitoringService: serviceOf(monitorService),
        alertTargetIDs: targetResource ? [targetResource.toLowerCase()] : [],
        configurationItems: targetResourceName ? [targetResourceName] : [],
        originAlertId: essentials.sourceCreatedId,
        firedDateTime: essentials.startDateTime,
        description: essentials.description,
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: contextOf(context),
      customProperties: { ...fieldsOf(customProperties), [told.mark.name]: told.mark.value },
    },
  };
}

/** Webhooks write `Activity Log - Administrative`. */
function serviceOf(service: string | null | undefined): string | null | undefined {
  return service?.replace(/^ActivityLog /, 'Activity Log - ');
}

/** Metric alerts wrap theirs in another one. */
function contextOf(context: unknown): unknown {
  const outer = fieldsOf(context);
  const inner = fieldsOf(outer['context']);
  return 'condition' in inner ? { properties: outer['properties'], ...inner } : context;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
