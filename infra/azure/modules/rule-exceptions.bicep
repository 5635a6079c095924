// Keeps the general rules quiet about some vaults: those that opted out, and those that have thresholds of their own. The rules
// still cover every vault, so a new one is never forgotten.
param tags object
param optedOutVaultIds string[]
param overriddenVaultIds string[]

resource optedOut 'Microsoft.AlertsManagement/actionRules@2021-08-08' = if (length(optedOutVaultIds) > 0) {
  name: 'headroom-opted-out'
  location: 'Global'
  tags: tags
  properties: {
    enabled: true
    description: 'These vaults opted out.'
    scopes: optedOutVaultIds
    conditions: [{ field: 'AlertRuleName', operator: 'Contains', values: ['headroom-kv-'] }]
    actions: [{ actionType: 'RemoveAllActionGroups' }]
  }
}

resource overridden 'Microsoft.AlertsManagement/actionRules@2021-08-08' = if (length(overriddenVaultIds) > 0) {
  name: 'headroom-overridden'
  location: 'Global'
  tags: tags
  properties: {
    enabled: true
    description: 'Rules of their own, with their own thresholds, tell of these vaults.'
    scopes: overriddenVaultIds
    conditions: [{ field: 'AlertRuleName', operator: 'Contains', values: ['headroom-kv-'] }]
    actions: [{ actionType: 'RemoveAllActionGroups' }]
  }
}
