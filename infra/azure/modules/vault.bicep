// The vault of Headroom's own secrets. It is never one of those that are watched: the tool must not wait for its patient.
param vaultName string
param location string
param tags object
param readerPrincipalId string
param workspaceId string
param privateNetwork bool

@secure()
param alertToken string

var groupId = resourceGroup().id
var granted = loadJsonContent('../../manifest.json').permissions.azure.vault

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: vaultName
  location: location
  // Off: no rule tells of this vault through Headroom, which reads it.
  tags: union(tags, { headroom: 'off' })
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: privateNetwork ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

resource token 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'alert-token'
  properties: { value: alertToken, contentType: 'token of the alert routes' }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

resource secretsRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'headroom-secrets')
  properties: {
    roleName: 'Headroom secrets (${uniqueString(resourceGroup().id)})'
    description: 'Reads the values of the secrets of Headroom.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [{ actions: granted.actions, notActions: [], dataActions: granted.dataActions, notDataActions: [] }]
  }
}

resource secrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, readerPrincipalId, 'headroom-secrets')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsRole.id
  }
}

output id string = vault.id
output name string = vault.name
output uri string = vault.properties.vaultUri
