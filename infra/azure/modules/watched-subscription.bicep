// What a watched subscription gets: the right to be read, audit logs where there are none, alert rules.
targetScope = 'subscription'

param name string
param location string
param tags object
param regions string[]
param readerPrincipalId string
param actorPrincipalId string
param actions bool
param inventory bool
param assignRoles bool
param alertRules bool
param fillDiagnosticSettings bool
param auditWorkspaceId string
param actionGroupId string
param thresholds object
param rules string[]
param overrides array
param optedOutVaultIds string[]
param appConfigurationStoreIds string[]
param team string
param runbooks string

var watchedId = subscription().id

module roles 'watched-roles.bicep' = if (assignRoles) {
  name: '${name}-roles'
  params: {
    readerPrincipalId: readerPrincipalId
    actorPrincipalId: actorPrincipalId
    actions: actions
    inventory: inventory
  }
}

module policies 'watched-policies.bicep' = if (alertRules) {
  name: '${name}-policies'
  params: {
    location: location
    fillDiagnosticSettings: fillDiagnosticSettings
    auditWorkspaceId: auditWorkspaceId
  }
}

// Metric rules live in the subscription of what they look at.
resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = if (alertRules) {
  name: 'rg-${name}-alerts'
  location: location
  tags: tags
}

module keyVault 'key-vault-rules.bicep' = [
  for region in (alertRules ? regions : []): {
    scope: group
    name: 'headroom-kv-${region}'
    params: {
      prefix: 'headroom-kv-${region}'
      tags: tags
      scopes: [watchedId]
      region: region
      thresholds: thresholds
      actionGroupId: actionGroupId
      team: team
      runbooks: runbooks
      names: rules
    }
  }
]

module keyVaultOverrides 'key-vault-rules.bicep' = [
  for override in (alertRules ? overrides : []): {
    scope: group
    name: 'headroom-own-${uniqueString(override.vaultId)}'
    params: {
      prefix: 'headroom-own-${last(split(override.vaultId, '/'))}'
      tags: tags
      scopes: [override.vaultId]
      region: override.region
      thresholds: union(thresholds, override.thresholds)
      actionGroupId: actionGroupId
      team: team
      runbooks: runbooks
      names: rules
    }
  }
]

module exceptions 'rule-exceptions.bicep' = if (alertRules) {
  scope: group
  name: 'headroom-exceptions'
  params: {
    tags: tags
    optedOutVaultIds: optedOutVaultIds
    overriddenVaultIds: map(overrides, override => override.vaultId)
  }
}

module appConfiguration 'app-configuration-rules.bicep' = if (alertRules) {
  scope: group
  name: 'headroom-app-configuration'
  params: {
    tags: tags
    storeIds: appConfigurationStoreIds
    throttled: thresholds.appConfigurationThrottled
    actionGroupId: actionGroupId
    team: team
    runbooks: runbooks
  }
}

module health 'health-rules.bicep' = if (alertRules) {
  scope: group
  name: 'headroom-health'
  params: { tags: tags, actionGroupId: actionGroupId, team: team, runbooks: runbooks }
}
