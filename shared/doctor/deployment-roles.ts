import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { commandFor, NOT_IN_AZURE, someOf } from './deployment-words.ts';

/** Whether the identity that reads may do on each watched subscription what the manifest lists. */
export const deploymentRoles: DeploymentCheck = {
  name: 'roles',
  async run({ azure }) {
    if (azure === null) return NOT_IN_AZURE;
    const { reader, roles, subscriptions } = await azure.estate();
    if (reader === null)
      return {
        ok: false,
        problem: 'no identity id-<name>-reader was found, or several',
        nextStep: 'Say which by --reader',
        command:
          'az identity show --resource-group rg-headroom --name id-headroom-reader --query principalId --output tsv',
      };
    const unread = roles.find(({ missing }) => missing === null);
    if (unread !== undefined)
      return {
        ok: false,
        problem: `the roles on ${unread.subscription} cannot be read`,
        nextStep: 'Sign in as a Reader of it',
        command: 'az login',
      };
    const lacking = roles.filter(({ missing }) => (missing ?? []).length > 0);
    const [first] = lacking;
    if (first === undefined) return { ok: true, detail: `the reader has its roles on ${subscriptions.length}` };
    const where = someOf(lacking.map(({ subscription }) => subscription));
    return {
      ok: false,
      problem: `the reader lacks ${someOf(first.missing ?? [])} on ${where}`,
      nextStep: 'Deploy again with assignRoles, or give it Reader',
      command: commandFor(
        lacking.map(({ subscription }) => subscription),
        (id) =>
          `az role assignment create --assignee-object-id ${quoted(reader)} --assignee-principal-type ServicePrincipal ` +
          `--role Reader --scope /subscriptions/${id}`,
      ),
    };
  },
};
