// Two policies on the vaults of a subscription: audit logs where there are none, and silence where the tag asks for it.
targetScope = 'subscription'

param location string
param fillDiagnosticSettings bool
param auditWorkspaceId string

// What a policy's own identity needs to mend a vault: diagnostic settings and alert processing rules; writing to the workspace.
var monitoringContributor = '749f88d5-cbae-40b8-bcfc-e573ddc772fa'
var logAnalyticsContributor = '92aaf0da-9dab-42b6-94a3-d43ce8d16293'

resource auditPolicy 'Microsoft.Authorization/policyDefinitions@2025-01-01' = if (fillDiagnosticSettings) {
  name: 'headroom-vault-audit-logs'
  properties: {
    displayName: 'Vaults without audit logs in a workspace get them'
    description: 'A vault that logs AuditEvent to any workspace is left as it is: a second setting fails or doubles the bill.'
    policyType: 'Custom'
    mode: 'Indexed'
    metadata: { category: 'Key Vault' }
    parameters: { workspaceId: { type: 'String' } }
    policyRule: loadJsonContent('../policies/vault-audit-logs.json')
  }
}

resource auditAssignment 'Microsoft.Authorization/policyAssignments@2025-01-01' = if (fillDiagnosticSettings) {
  name: 'headroom-vault-audit'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    displayName: 'Headroom: vaults without audit logs get them'
    policyDefinitionId: auditPolicy.id
    parameters: { workspaceId: { value: auditWorkspaceId } }
    enforcementMode: 'Default'
  }
}

resource auditMonitoring 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (fillDiagnosticSettings) {
  name: guid(subscription().id, 'headroom-vault-audit', 'monitoring')
  properties: {
    principalId: auditAssignment.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringContributor)
  }
}

resource auditWorkspace 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (fillDiagnosticSettings) {
  name: guid(subscription().id, 'headroom-vault-audit', 'workspace')
  properties: {
    principalId: auditAssignment.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', logAnalyticsContributor)
  }
}

resource offPolicy 'Microsoft.Authorization/policyDefinitions@2025-01-01' = {
  name: 'headroom-vault-off'
  properties: {
    displayName: 'Vaults with the tag headroom=off are told by no general rule'
    description: 'Gives such a vault an alert processing rule that keeps the rules of Headroom quiet. Remove the rule with the tag.'
    policyType: 'Custom'
    mode: 'Indexed'
    metadata: { category: 'Monitoring' }
    parameters: {}
    policyRule: loadJsonContent('../policies/vault-off.json')
  }
}

resource offAssignment 'Microsoft.Authorization/policyAssignments@2025-01-01' = {
  name: 'headroom-vault-off'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    displayName: 'Headroom: vaults with the tag headroom=off are left alone'
    policyDefinitionId: offPolicy.id
    enforcementMode: 'Default'
  }
}

resource offMonitoring 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, 'headroom-vault-off', 'monitoring')
  properties: {
    principalId: offAssignment.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringContributor)
  }
}
