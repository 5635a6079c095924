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
        text: `param location string = resourceGroup().location
param principalId string // object id of the application's identity

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-\${uniqueString(resourceGroup().id, principalId)}'
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault // Key Vault Secrets User
  name: guid(vault.id, principalId, 'secrets-user')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}`,
      },
      change: moveToOwnVault(callerId(context)),
    };
  },
};
