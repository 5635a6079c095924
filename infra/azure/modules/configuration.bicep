// The App Configuration that Headroom reads: plain settings, and references into its vault.
param storeName string
param location string
param tags object
param readerPrincipalId string
param deployerObjectId string
param vaultUri string
param referencedSecrets string[]
param privateNetwork bool

var groupId = resourceGroup().id
var manifest = loadJsonContent('../../manifest.json')
var granted = manifest.permissions.azure.configuration
var references = filter(manifest.settings.secret, secret => contains(referencedSecrets, secret.name))
// App Configuration Data Owner: key-values that a deployment writes are written in the name of who deploys.
var dataOwner = '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b'

resource store 'Microsoft.AppConfiguration/configurationStores@2024-06-01' = {
  name: storeName
  location: location
  tags: tags
  sku: { name: 'standard' }
  properties: {
    disableLocalAuth: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 7
    dataPlaneProxy: { authenticationMode: 'Pass-through', privateLinkDelegation: privateNetwork ? 'Enabled' : 'Disabled' }
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

resource configurationRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'headroom-configuration')
  properties: {
    roleName: 'Headroom configuration (${uniqueString(resourceGroup().id)})'
    description: 'Reads key-values of the App Configuration of Headroom.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [{ actions: granted.actions, notActions: [], dataActions: granted.dataActions, notDataActions: [] }]
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: store
  name: guid(store.id, readerPrincipalId, 'headroom-configuration')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: configurationRole.id
  }
}

resource writes 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (length(references) > 0) {
  scope: store
  name: guid(store.id, deployerObjectId, 'data-owner')
  properties: {
    principalId: deployerObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
  }
}

// headroom:config:slackBotToken and so on; ~3A stands for the colon in the name of a resource.
resource reference 'Microsoft.AppConfiguration/configurationStores/keyValues@2024-06-01' = [
  for secret in references: {
    parent: store
    name: 'headroom~3Aconfig~3A${secret.field}'
    properties: {
      value: string({ uri: '${vaultUri}secrets/${secret.vaultSecret}' })
      contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8'
    }
    dependsOn: [writes]
  }
]

output id string = store.id
output endpoint string = store.properties.endpoint
