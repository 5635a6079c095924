import type { Clock, EvidenceReader } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createLogsReader } from './log-analytics.ts';
import type { LogsAdvice } from './log-analytics-failure.ts';

/** What the identity of this process needs on the workspace that Entra sends its sign-ins to. */
export const permissions = {
  arm: [
    'Microsoft.OperationalInsights/workspaces/query/read',
    'Microsoft.OperationalInsights/workspaces/query/AADManagedIdentitySignInLogs/read',
    'Microsoft.OperationalInsights/workspaces/query/AADServicePrincipalSignInLogs/read',
  ],
} as const;

export type SignInsChoices = {
  /** The workspace of the audit logs, which may hold the sign-ins as well. */
  workspaceId: string | undefined;
  settings: { signInsWorkspaceId?: string };
  endpoints: { LOGS?: string | undefined };
};

const ADVICE: LogsAdvice = {
  missing: () =>
    'Send the categories ManagedIdentitySignInLogs and ServicePrincipalSignInLogs of Microsoft Entra ID to a workspace, and ' +
    'name it in signInsWorkspaceId of headroom.json',
  notFound: (about) =>
    `No workspace has the id ${'workspaceId' in about ? about.workspaceId : ''}: correct signInsWorkspaceId in headroom.json`,
  refused:
    'set the tables AADManagedIdentitySignInLogs and AADServicePrincipalSignInLogs to the Analytics plan, or name another ' +
    'workspace in signInsWorkspaceId of headroom.json',
};

/** The sign-ins of Entra, in the workspace that they are sent to; no reader where none is configured. */
export function createSignIns(
  { workspaceId, settings, endpoints }: SignInsChoices,
  { logs }: { logs: { url: string; scope: string } },
  { credential, clock }: { credential: TokenCredential; clock: Clock },
): EvidenceReader[] {
  const workspace = settings.signInsWorkspaceId ?? workspaceId;
  if (workspace === undefined) return [];
  const reach = { url: endpoints.LOGS ?? logs.url, scope: logs.scope, credential };
  const about = { workspaceId: workspace };
  const covers = ({ cloud, id }: { cloud: string; id: string }) =>
    cloud === 'azure' && id.startsWith('/subscriptions/');
  return [
    createLogsReader(
      { store: 'sign-ins', language: 'sign-ins', covers, about: () => about, advice: ADVICE },
      reach,
      clock,
    ),
  ];
}
