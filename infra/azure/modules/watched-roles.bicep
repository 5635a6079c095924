// What Headroom may do in a watched subscription, action by action as the manifest lists it.
targetScope = 'subscription'

param readerPrincipalId string
param actorPrincipalId string
param actions bool
param inventory bool

var watchedId = subscription().id
var granted = loadJsonContent('../../manifest.json').permissions.azure

resource readerRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'headroom-reader')
  properties: {
    roleName: 'Headroom reader (${uniqueString(subscription().id)})'
    description: 'Reads alerts, alert rules, metrics and audit logs.'
    type: 'CustomRole'
    assignableScopes: [watchedId]
    permissions: [
      {
        actions: granted.watched.actions
        notActions: []
        dataActions: granted.watched.dataActions
        notDataActions: []
      }
    ]
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, readerPrincipalId, 'headroom-reader')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readerRole.id
  }
}

resource inventoryRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (inventory) {
  name: guid(subscription().id, 'headroom-inventory')
  properties: {
    roleName: 'Headroom inventory (${uniqueString(subscription().id)})'
    description: 'Reads what resources there are, whose identity is whose, and what changed: Resource Graph shows no more than its caller may read.'
    type: 'CustomRole'
    assignableScopes: [watchedId]
    permissions: [
      {
        actions: granted.inventory.actions
        notActions: []
        dataActions: granted.inventory.dataActions
        notDataActions: []
      }
    ]
  }
}

resource looksAround 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (inventory) {
  name: guid(subscription().id, readerPrincipalId, 'headroom-inventory')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: inventoryRole.id
  }
}

resource actorRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (actions && !empty(granted.actor.actions)) {
  name: guid(subscription().id, 'headroom-actor')
  properties: {
    roleName: 'Headroom actor (${uniqueString(subscription().id)})'
    description: 'Performs the actions that people approved in chat.'
    type: 'CustomRole'
    assignableScopes: [watchedId]
    permissions: [
      {
        actions: granted.actor.actions
        notActions: []
        dataActions: granted.actor.dataActions
        notDataActions: []
      }
    ]
  }
}

resource acts 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (actions && !empty(granted.actor.actions)) {
  name: guid(subscription().id, actorPrincipalId, 'headroom-actor')
  properties: {
    principalId: actorPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: actorRole.id
  }
}
