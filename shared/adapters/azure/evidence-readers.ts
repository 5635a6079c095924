import type { Clock, EvidenceReader, Random } from '../../ports.ts';
import type { TokenCredential } from '../../secrets/token.ts';
import { createConfigurationRequests } from './configuration-requests.ts';
import { createLogAnalytics } from './log-analytics.ts';
import { createAzureMetrics } from './metrics.ts';
import { openResourceGraph } from './resource-graph.ts';
import { createSignIns } from './sign-ins.ts';

/** The part of the configuration that says which stores of Azure hold evidence. */
export type AzureEvidenceChoices = {
  /** Log Analytics workspace with the logs of every resource that names no other; absent: each resource is asked itself. */
  workspaceId: string | undefined;
  settings: {
    scopes?: readonly string[];
    signInsWorkspaceId?: string;
    resources: Readonly<Record<string, { workspaceId?: string }>>;
  };
  /** Base URLs in place of the services' own. */
  endpoints: { ARM?: string | undefined; LOGS?: string | undefined; METRICS?: string | undefined };
};

type Host = { url: string; scope: string };

/** Where these stores answer in one cloud. */
export type AzureEvidenceHosts = { arm: Host; logs: Host; metrics: { suffix: string; scope: string } };

export type AzureEvidenceReach = { credential: TokenCredential; clock: Clock; random: Random };

/** Every store of Azure that evidence is read from, one line each. Nothing is loaded or asked yet. */
export function azureReaders(
  choices: AzureEvidenceChoices,
  hosts: AzureEvidenceHosts,
  reach: AzureEvidenceReach,
): EvidenceReader[] {
  return [
    createLogAnalytics(choices, hosts, reach),
    createConfigurationRequests(choices, hosts, reach),
    createAzureMetrics(choices, hosts, reach),
    openResourceGraph(choices, hosts, reach),
    ...createSignIns(choices, hosts, reach),
  ];
}
