// What Azure says of itself: the services that secrets depend on, each vault's own health, and a vault that somebody deleted.
param tags object
param actionGroupId string
param team string
param runbooks string

var watchedId = subscription().id
var services = ['Key Vault', 'App Configuration', 'Microsoft Entra ID', 'Azure Active Directory', 'Managed identities for Azure resources']

resource serviceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'headroom-service-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure tells of an incident or of work on a service that secrets depend on. It comes 15 to 60 minutes late; it joins the open incident.'
    enabled: true
    scopes: [watchedId]
    condition: {
      allOf: [
        { field: 'category', equals: 'ServiceHealth' }
        { field: 'properties.impactedServices[*].ServiceName', containsAny: services }
      ]
    }
    actions: {
      actionGroups: [
        {
          actionGroupId: actionGroupId
          webhookProperties: union({ team: team, severity: 'information' }, runbooks == '' ? {} : { runbook: '${runbooks}service-health' })
        }
      ]
    }
  }
}

resource resourceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'headroom-resource-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure calls a vault or a store degraded or unavailable, by its own doing and not by that of a user.'
    enabled: true
    scopes: [watchedId]
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'resourceType', equals: 'Microsoft.KeyVault/vaults' }
            { field: 'resourceType', equals: 'Microsoft.AppConfiguration/configurationStores' }
          ]
        }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
            { field: 'properties.currentHealthStatus', equals: 'Available' }
          ]
        }
        { field: 'properties.cause', equals: 'PlatformInitiated' }
      ]
    }
    actions: {
      actionGroups: [
        {
          actionGroupId: actionGroupId
          webhookProperties: union({ team: team, severity: 'warning' }, runbooks == '' ? {} : { runbook: '${runbooks}resource-health' })
        }
      ]
    }
  }
}

resource deleted 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'headroom-vault-deleted'
  location: 'global'
  tags: tags
  properties: {
    description: 'Somebody deleted a vault: every reader of it fails from now on. Recover it while soft delete holds it.'
    enabled: true
    scopes: [watchedId]
    condition: {
      allOf: [
        { field: 'category', equals: 'Administrative' }
        { field: 'operationName', equals: 'Microsoft.KeyVault/vaults/delete' }
        { field: 'status', equals: 'Succeeded' }
      ]
    }
    actions: {
      actionGroups: [
        {
          actionGroupId: actionGroupId
          webhookProperties: union({ team: team, severity: 'urgent' }, runbooks == '' ? {} : { runbook: '${runbooks}vault-deleted' })
        }
      ]
    }
  }
}
