import type { OnboardRow } from './onboard.ts';

/** Five, as the deployment makes them, at the hour's list price. */
export const ENDPOINTS_USD_A_MONTH = 36.5;

/**
 * What private mode takes: nothing of Headroom is public but the receiver, since action groups call from outside.
 *
 * @param armHost where Resource Manager of the chosen cloud answers
 */
export function privateNeeds(rows: readonly OnboardRow[], armHost: string): string[] {
  const workspaces = new Set(
    rows.flatMap(({ audit }) =>
      audit.state === 'kept' ? audit.settings.flatMap(({ workspaceId }) => workspaceId ?? []) : [],
    ),
  );
  return [
    `privateNetwork in main.bicepparam: stores, vault and configuration get private endpoints (USD ${ENDPOINTS_USD_A_MONTH} a month)`,
    'the receiver keeps a public address, since an action group calls no private one: allowedCallers admits the service tag ActionGroup alone for /api/alerts/*, AzureBotService for Teams',
    `outbound 443 to ${armHost}, to the logs, metrics and sign-in hosts of the same cloud, and to the chat platform`,
    ...[...workspaces]
      .sort()
      .map(
        (id) =>
          `${id}: where it refuses queries from public networks, its private link scope has to hold Headroom's network`,
      ),
  ];
}
