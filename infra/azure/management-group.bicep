// The reader's roles for all subscriptions of a management group at once, in place of one in each (assignRoles = false).
// Deploy: az deployment mg create --management-group-id <id> --location <region> \
//   --template-file management-group.bicep --parameters readerPrincipalId=<output HEADROOM_READER of main.bicep>
targetScope = 'managementGroup'

@description('Object id of the identity that reads.')
param readerPrincipalId string

@description('Whether callers are told by the name of their resource: needs to read all resources.')
param inventory bool = true

var granted = loadJsonContent('../manifest.json').permissions.azure
var watchedId = managementGroup().id

resource readerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, 'headroom-reader')
  properties: {
    roleName: 'Headroom reader (${uniqueString(managementGroup().id)})'
    description: 'Reads alerts, alert rules, metrics and audit logs.'
    type: 'CustomRole'
    assignableScopes: [watchedId]
    // Custom roles with data actions cannot be assigned on a management group; reading needs none.
    permissions: [{ actions: granted.watched.actions, notActions: [] }]
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, readerPrincipalId, 'headroom-reader')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readerRole.id
  }
}

resource inventoryRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (inventory) {
  name: guid(managementGroup().id, 'headroom-inventory')
  properties: {
    roleName: 'Headroom inventory (${uniqueString(managementGroup().id)})'
    description: 'Reads what resources there are, whose identity is whose, and what changed.'
    type: 'CustomRole'
    assignableScopes: [watchedId]
    permissions: [{ actions: granted.inventory.actions, notActions: [] }]
  }
}

resource looksAround 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (inventory) {
  name: guid(managementGroup().id, readerPrincipalId, 'headroom-inventory')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: inventoryRole.id
  }
}
