// Where Headroom's own log and telemetry go. Ingestion takes Entra tokens alone.
param name string
param location string
param tags object
param readerPrincipalId string

@description('Days that Headroom keeps its own log.')
param retentionDays int = 30

var hostRoles = loadJsonContent('../../manifest.json').permissions.azureHost

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    workspaceCapping: { dailyQuotaGb: 2 }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

resource publishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, readerPrincipalId, 'publishes')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      hostRoles['Monitoring Metrics Publisher'].id
    )
  }
}

output workspaceId string = workspace.id
output connectionString string = insights.properties.ConnectionString
