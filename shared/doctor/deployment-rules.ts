import { coveredBy } from '../pipeline/onboard-coverage.ts';
import { quoted } from '../pipeline/onboard-quote.ts';
import type { DeploymentCheck } from './deployment.ts';
import { NOT_IN_AZURE, someOf } from './deployment-words.ts';

/** Whether an alert rule of ours watches each resource that did not opt out: a new region is what is forgotten. */
export const deploymentRules: DeploymentCheck = {
  name: 'alert rules',
  async run({ azure, ours }) {
    if (azure === null) return NOT_IN_AZURE;
    const { resources, rules } = await azure.estate();
    const watched = resources.filter(({ optedOut }) => !optedOut);
    const missing = watched.filter((one) => !rules.some((rule) => coveredBy(rule, one, ours.actionGroups)));
    const [first] = missing;
    if (first === undefined) return { ok: true, detail: `they watch ${watched.length}` };
    const places = [...new Set(missing.map(({ region, subscription }) => `${region} of ${subscription}`))];
    const group = ours.actionGroups[0] === undefined ? '"$ACTION_GROUP_ID"' : quoted(ours.actionGroups[0]);
    const scope =
      first.kind === 'vault'
        ? `--scopes /subscriptions/${first.subscription} --region ${first.region} --target-resource-type Microsoft.KeyVault/vaults ` +
          `--name headroom-kv-${first.region}-throttled --condition "total ServiceApiResult > 0 where StatusCode includes 429"`
        : `--scopes ${quoted(first.id)} --name ${quoted(`headroom-appcs-${first.name}-throttled`)} --condition "total ThrottledHttpRequestCount > 0"`;
    return {
      ok: false,
      problem: `none watches ${someOf(missing.map(({ name }) => name))} in ${someOf(places)}`,
      nextStep:
        'Name the region in watched (a store in appConfigurationStoreIds) and deploy again, or make the one about refusals',
      command: `az monitor metrics alert create --subscription ${first.subscription} --resource-group rg-headroom-alerts ${scope} --window-size 5m --evaluation-frequency 1m --action ${group}`,
    };
  },
};
