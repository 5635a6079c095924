// The one place that Headroom writes: a store of its own, since the right to write covers a whole store. Applications that
// obey levers read it.
param storeName string
param location string
param tags object
param actorPrincipalId string

var groupId = resourceGroup().id
var granted = loadJsonContent('../../manifest.json').permissions.azure.levers

resource store 'Microsoft.AppConfiguration/configurationStores@2024-06-01' = {
  name: storeName
  location: location
  tags: tags
  sku: { name: 'standard' }
  properties: {
    disableLocalAuth: true
    enablePurgeProtection: false
    softDeleteRetentionInDays: 1
  }
}

resource leversRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(granted.dataActions)) {
  name: guid(resourceGroup().id, 'headroom-levers')
  properties: {
    roleName: 'Headroom levers (${uniqueString(resourceGroup().id)})'
    description: 'Sets and clears levers: values that end by themselves after four hours at most.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [{ actions: granted.actions, notActions: [], dataActions: granted.dataActions, notDataActions: [] }]
  }
}

resource pulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(granted.dataActions)) {
  scope: store
  name: guid(store.id, actorPrincipalId, 'headroom-levers')
  properties: {
    principalId: actorPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: leversRole.id
  }
}

output endpoint string = store.properties.endpoint
