import * as z from 'zod/mini';
import { HeadroomError, isHeadroomError } from '../../errors.ts';
import type { EstateKind, EstateRule, ReceiverGroup } from '../../model/estate.ts';
import type { ArmClient } from './arm.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/metric-alerts/list-by-subscription (read 2026-11-21) */
const RULES_VERSION = '2018-03-01';
/** @see https://learn.microsoft.com/rest/api/monitor/action-groups/get (read 2026-11-21) */
const GROUPS_VERSION = '2023-01-01';

const PAGES_MAX = 20;

const text = z.nullish(z.string());

const RULE = z.object({
  name: z.string(),
  properties: z.object({
    enabled: z.boolean(),
    scopes: z.array(z.string()),
    targetResourceType: text,
    targetResourceRegion: text,
    actions: z.nullish(z.array(z.object({ actionGroupId: text }))),
  }),
});

const GROUP = z.object({
  properties: z.object({
    enabled: z.boolean(),
    webhookReceivers: z.nullish(
      z.array(z.object({ name: z.string(), serviceUri: z.string(), useCommonAlertSchema: z.nullish(z.boolean()) })),
    ),
  }),
});

/** The metric rules of a subscription that are about vaults or stores. */
export async function listRules(arm: ArmClient, subscription: string): Promise<EstateRule[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Insights/metricAlerts`;
  const rules: EstateRule[] = [];
  let pages = 0;
  for await (const page of arm.pages('listing alert rules', path, { 'api-version': RULES_VERSION })) {
    rules.push(...page.flatMap((listed) => ruleOf(listed, subscription)));
    pages += 1;
    if (pages >= PAGES_MAX) break;
  }
  return rules;
}

function ruleOf(listed: unknown, subscription: string): EstateRule[] {
  const parsed = z.safeParse(RULE, listed);
  if (!parsed.success) return [];
  const { name, properties } = parsed.data;
  const scopes = properties.scopes.map((scope) => scope.toLowerCase());
  const kind = kindOf(properties.targetResourceType ?? scopes[0] ?? '');
  if (kind === null) return [];
  const region = properties.targetResourceRegion?.toLowerCase().replaceAll(' ', '') || null;
  const actionGroups = (properties.actions ?? []).flatMap(({ actionGroupId }) => actionGroupId?.toLowerCase() ?? []);
  return [{ ...{ name, subscription, kind, region, scopes, actionGroups }, enabled: properties.enabled }];
}

/** By the type that a rule over many resources names, or the id of the one that it is about. */
function kindOf(typeOrId: string): EstateKind | null {
  const lower = typeOrId.toLowerCase();
  if (lower.includes('microsoft.keyvault/vaults')) return 'vault';
  return lower.includes('microsoft.appconfiguration/configurationstores') ? 'store' : null;
}

/** An action group and its webhooks; of their addresses host and path alone, since the token is in the query. */
export async function readReceivers(arm: ArmClient, id: string): Promise<ReceiverGroup> {
  try {
    const parsed = z.safeParse(GROUP, await arm.get('reading an action group', id, { 'api-version': GROUPS_VERSION }));
    if (!parsed.success)
      throw new HeadroomError('invalid', 'reading an action group failed: an answer of an unknown shape');
    const { enabled, webhookReceivers } = parsed.data.properties;
    const webhooks = (webhookReceivers ?? []).map(({ name, serviceUri, useCommonAlertSchema }) => {
      const url = URL.parse(serviceUri);
      return { name, host: url?.host ?? '', path: url?.pathname ?? '', commonSchema: useCommonAlertSchema === true };
    });
    return { id, enabled, webhooks };
  } catch (error) {
    if (isHeadroomError(error) && error.kind === 'not-found') return { id, enabled: false, webhooks: null };
    throw error;
  }
}
