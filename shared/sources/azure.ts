import type { Alert, ParseResult, Source, Time } from '../model.ts';
import { buildAlert } from './alert.ts';
import type { Details } from './azure/details.ts';
import { CommonAlert, type Essentials } from './azure/essentials.ts';
import { identifierOf } from './azure/identity.ts';
import { readerOf } from './azure/kind.ts';
import { isTestNotification } from './azure/test-notification.ts';
import { timesOf } from './azure/times.ts';
import { BOUNDS } from './bounds.ts';
import { customOf, resourceProperty } from './custom.ts';
import { customLinks, keepLinks } from './links.ts';
import { isAzureCommonAlert } from './products.ts';
import { fieldsOf, textOf } from './read.ts';
import { refuse, refuseIssues } from './refuse.ts';
import { parseArmId, resourcesOf, ruleName, ruleResource } from './resource.ts';
import { DEFAULT_SEVERITY, numberedSeverity } from './severity.ts';
import { refuseStranger } from './stranger.ts';

const PRODUCT = 'an Azure Monitor alert in the common alert schema';

/** Azure Monitor action groups with the common alert schema: one alert per target of the payload. */
export const azure: Source = {
  name: 'azure',
  recognises: isAzureCommonAlert,
  parse(body: unknown, receivedAt: Time): ParseResult {
    if (!isAzureCommonAlert(body)) return refuseStranger(body, PRODUCT, 'schemaId');
    const checked = CommonAlert.safeParse(body);
    if (!checked.success) return refuseIssues(PRODUCT, checked.error);
    const { essentials, alertContext, customProperties } = checked.data.data;
    if (!namesSomething(essentials))
      return refuse(
        'The alert names neither itself nor a rule nor a target. Send it as the action group wrote it.',
        'data.essentials.alertId',
      );
    return { ok: true, alerts: alertsOf(essentials, fieldsOf(alertContext), customProperties, receivedAt) };
  },
};

function namesSomething({ alertId, alertRule, alertTargetIDs }: Essentials): boolean {
  return Boolean(alertId) || Boolean(alertRule) || (alertTargetIDs?.length ?? 0) > 0;
}

function alertsOf(
  essentials: Essentials,
  context: Readonly<Record<string, unknown>>,
  customProperties: unknown,
  receivedAt: Time,
): Alert[] {
  const { alertRule, alertRuleId } = essentials;
  const details = readerOf(essentials.monitoringService, context)(context);
  const custom = { ...details.facts, ...customOf(details.properties, customProperties) };
  const rule = ruleName(alertRule, details.rule, parseArmId(alertRuleId)?.name, essentials.monitoringService);
  const resources = resourcesOf({
    dimensions: details.resources ?? [],
    targets: essentials.alertTargetIDs ?? [],
    custom: resourceProperty(details.properties, customProperties),
    rule: () => ruleResource('azure', scopeOf(essentials, details), rule),
  });
  const { state, fired, resolved } = timesOf(essentials, details, receivedAt);
  const isTest = details.isTest === true || isTestNotification(alertRule, essentials.alertId);
  const identify = identifierOf(essentials, { details, eventDataId: textOf(context['eventDataId']), state, isTest });
  const reference = referenceOf(essentials);
  const links = keepLinks([
    ['Investigate in Azure', essentials.investigationLink],
    ...(details.links ?? []),
    ...customLinks(custom),
  ]);
  return resources.map((resource) =>
    buildAlert({
      ...identify(resource),
      source: 'azure',
      category: details.category,
      rule,
      ruleId: textOf(alertRuleId, BOUNDS.idCharacters),
      reference,
      severity: numberedSeverity(essentials.severity) ?? DEFAULT_SEVERITY,
      state,
      firedAt: fired.at,
      resolvedAt: resolved?.at,
      receivedAt,
      resource,
      description: details.description ?? essentials.description ?? undefined,
      signals: details.signals,
      links,
      custom,
      timeNotes: [fired.note, resolved?.note],
      isTest,
    }),
  );
}

/** The alert's own id, where it is one that Alerts Management knows: tests and budgets have others. */
function referenceOf({ alertId }: Essentials): string | undefined {
  const alert = parseArmId(alertId);
  return alert?.type === 'microsoft.alertsmanagement/alerts' && GUID.test(alert.name) ? alert.id : undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function scopeOf({ alertId, alertRuleId }: Essentials, { scopeId }: Details): string | undefined {
  return (parseArmId(alertId) ?? parseArmId(alertRuleId) ?? parseArmId(scopeId))?.scope;
}
