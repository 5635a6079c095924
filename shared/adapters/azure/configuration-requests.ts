import type { Clock, EvidenceReader } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createLogsReader, type LogAnalyticsChoices, whereOf } from './log-analytics.ts';
import type { LogsAdvice } from './log-analytics-failure.ts';

/** What the identity of this process needs: on the store, or on the workspace that its log is sent to. */
export const permissions = {
  arm: [
    'Microsoft.Insights/logs/AACHttpRequest/read',
    'Microsoft.OperationalInsights/workspaces/query/read',
    'Microsoft.OperationalInsights/workspaces/query/AACHttpRequest/read',
  ],
} as const;

const COVERED = /\/providers\/microsoft\.appconfiguration\/configurationstores\/[^/]+$/;

const ADVICE: LogsAdvice = {
  missing: (about) =>
    'workspaceId' in about
      ? `The workspace ${about.workspaceId} holds no log of the store: turn on its diagnostic setting for category HttpRequest`
      : 'No workspace gets the log of this store. Turn on its diagnostic setting: az monitor diagnostic-settings create ' +
        `--name headroom --resource ${about.resourceId} --workspace <workspace> --export-to-resource-specific true ` +
        `--logs '[{"category":"HttpRequest","enabled":true}]'`,
  notFound: (about) =>
    'workspaceId' in about
      ? `No workspace has the id ${about.workspaceId}: correct HEADROOM_WORKSPACE_ID, or workspaceId in resources of headroom.json`
      : `Azure knows no resource ${about.resourceId}: correct the target of the alert rule`,
  refused: 'set the table AACHttpRequest to the Analytics plan, or name its workspace in resources of headroom.json',
};

/** The log of App Configuration stores: each store is asked for its own, or the workspace that the configuration names. */
export function createConfigurationRequests(
  choices: LogAnalyticsChoices,
  { logs }: { logs: { url: string; scope: string } },
  { credential, clock }: { credential: TokenCredential; clock: Clock },
): EvidenceReader {
  return createLogsReader(
    {
      store: 'configuration-log',
      language: 'configuration-requests',
      covers: ({ cloud, id }) => cloud === 'azure' && COVERED.test(id),
      about: (resource) => whereOf(resource, choices),
      advice: ADVICE,
    },
    { url: choices.endpoints.LOGS ?? logs.url, scope: logs.scope, credential },
    clock,
  );
}
