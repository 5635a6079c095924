import type { EstateResource } from '../model/estate.ts';

/** US dollars, list prices as assumed on 2026-11-21: those of the deployment guides. */
export const ONBOARD_PRICES = {
  logAnalyticsGb: 2.3,
  /** Tables of the plans Basic and Auxiliary; what is asked of them costs besides. */
  logAnalyticsBasicGb: 0.5,
  /** A month, for each resource that a rule watches. */
  metricRuleSeries: 0.1,
} as const;

/** A row of AZKVAuditLogs with its URI, agent and claims, as billed. */
const ROW_BYTES = 1_500;

/** As the deployment makes them by default. */
export const RULES: Readonly<Record<EstateResource['kind'], number>> = { vault: 6, store: 1 };

/** A month, in US dollars: what logs cost already, and what comes on top. */
export type MonthlyCost = { nowLogUsd: number; addedLogGb: number; addedLogUsd: number; addedRulesUsd: number };

type Load = Pick<EstateResource, 'kind' | 'requestsPerMonth'>;

/**
 * What a resource costs now and will cost more. A load that is not known counts as none.
 *
 * @param kept plans of the tables that it is logged to, one for each setting; null: unknown, taken for Analytics
 */
export function monthlyCost(
  { kind, requestsPerMonth }: Load,
  kept: readonly (string | null)[],
  adds: { logs: boolean; rules: boolean },
): MonthlyCost {
  const logGb = ((requestsPerMonth ?? 0) * ROW_BYTES) / 1e9;
  const addedLogGb = adds.logs ? logGb : 0;
  return {
    nowLogUsd: kept.reduce((sum, plan) => sum + logGb * gbUsd(plan), 0),
    addedLogGb,
    addedLogUsd: addedLogGb * ONBOARD_PRICES.logAnalyticsGb,
    addedRulesUsd: adds.rules ? RULES[kind] * ONBOARD_PRICES.metricRuleSeries : 0,
  };
}

function gbUsd(plan: string | null): number {
  return plan === null || plan === 'Analytics' ? ONBOARD_PRICES.logAnalyticsGb : ONBOARD_PRICES.logAnalyticsBasicGb;
}
