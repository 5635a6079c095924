import { callerId, type FixRule } from './fix.ts';
import { moveToOwnVault } from './what-if/change.ts';

/** The caller gets a vault of its own: its load no longer uses up what others share. */
export const separateVault: FixRule = {
  id: 'separate-vault',
  invasiveness: 4,
  changesCaller: false,
  propose(context) {
    return {
      title: 'Give it a vault of its own',
      snippet: {
        language: 'bicep',
        text: `// application-vault.bicep: in infra/azure of Headroom
param application string // 2 to 9 lower-case letters and digits
param principalId string // object id of the application's identity

module vault 'application-vault.bicep' = {
  name: '\${application}-vault'
  params: {
    application: application
    environmentName: 'prod' // a vault for each environment
    principalId: principalId
  }
}

output vaultUri string = vault.outputs.vaultUri // what its App Configuration references name from now on`,
      },
      change: moveToOwnVault(callerId(context)),
    };
  },
};
