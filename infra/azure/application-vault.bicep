// A vault for one application in one environment: its load no longer uses up what others share. Each vault has limits of its
// own; together those of a subscription have five times those of one vault.
// Deploy: az deployment group create --resource-group <group> --template-file application-vault.bicep \
//   --parameters application=shop environmentName=prod principalId=<object id>
@description('Name of the application, lower-case letters, digits and hyphens.')
@minLength(2)
@maxLength(9)
param application string

@description('Environments never share a vault: what is read in a test must not refuse what is read in production.')
@allowed(['prod', 'staging', 'test', 'dev'])
param environmentName string

@description('Object id of the identity that the application reads its secrets with.')
param principalId string

@description('Region of the application: limits are counted for each vault and region.')
param location string = resourceGroup().location

@description('Workspace for the audit log, as an ARM id; empty: left to policy.')
param workspaceId string = ''

@description('Names and values of the secrets that move here; left out: copy them as docs/deploy-azure.md says.')
@secure()
param secrets object = {}

// Key Vault Secrets User.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${application}-${environmentName}-${take(uniqueString(resourceGroup().id, application), 3)}'
  location: location
  tags: { application: application, environment: environmentName }
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
  }
}

resource moved 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = [
  for secret in items(secrets): {
    parent: vault
    name: secret.key
    properties: { value: secret.value }
  }
]

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, 'secrets-user')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (workspaceId != '') {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

@description('What the references of the application in App Configuration name from now on.')
output vaultUri string = vault.properties.vaultUri
