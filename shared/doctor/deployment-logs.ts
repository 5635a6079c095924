import type { EstateResource } from '../model/estate.ts';
import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { commandFor, NOT_IN_AZURE, someOf } from './deployment-words.ts';

/** Whether a workspace gets the log of each watched resource that did not opt out. */
export const deploymentLogs: DeploymentCheck = {
  name: 'audit logs',
  async run({ azure }) {
    if (azure === null) return NOT_IN_AZURE;
    const { resources, truncated } = await azure.estate();
    const watched = resources.filter(({ optedOut }) => !optedOut);
    const unread = watched.filter(({ audit }) => audit === null);
    const missing = watched.filter(({ audit }) => audit?.every(({ workspaceId }) => workspaceId === null) === true);
    if (missing.length > 0)
      return {
        ok: false,
        problem: `no workspace gets the log of ${someOf(missing.map(({ name }) => name))}: who and why stay open there`,
        ...mendingOf(missing),
      };
    if (unread.length > 0)
      return {
        ok: false,
        problem: `the diagnostic settings of ${someOf(unread.map(({ name }) => name))} cannot be read`,
        nextStep: 'Sign in as a Reader there',
        command: 'az login',
      };
    const more = truncated ? ' of those listed; there are more' : '';
    return { ok: true, detail: `a workspace gets those of ${watched.length}${more}` };
  },
};

/** The policy mends all vaults of a subscription; no policy is about App Configuration, whose turn is after them. */
function mendingOf(missing: readonly EstateResource[]): { nextStep: string; command: string } {
  const vaults = missing.filter(({ kind }) => kind === 'vault').map(({ subscription }) => subscription);
  if (vaults.length > 0)
    return {
      nextStep: 'Let the policy of the deployment mend the vaults',
      command: commandFor(
        vaults,
        (id) =>
          `az policy remediation create --name headroom-doctor --policy-assignment headroom-vault-audit --subscription ${id}`,
      ),
    };
  return {
    nextStep: 'Add diagnostic settings, with the id of the workspace',
    command: commandFor(
      missing.map(({ id }) => id),
      (id) =>
        `az monitor diagnostic-settings create --name headroom-audit --resource ${quoted(id)} --export-to-resource-specific true ` +
        `--logs '[{"category":"HttpRequest","enabled":true}]' --workspace "$WORKSPACE_ID"`,
    ),
  };
}
