// Managed identities that cannot sign in: often the first domino, with refused vaults behind it.
param location string
param tags object
param signInWorkspaceId string
param actionGroupId string
param failures int
param team string
param runbooks string

resource signIns 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'headroom-sign-in-failures'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Managed identities cannot sign in'
    description: 'Failed sign-ins of managed identities. An outage of the token service shows as missing rows rather than failed ones, so silence proves nothing.'
    severity: 2
    enabled: true
    scopes: [signInWorkspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'AADManagedIdentitySignInLogs | where ResultType !in ("0", "Success")'
          timeAggregation: 'Count'
          dimensions: [{ name: 'ResourceDisplayName', operator: 'Include', values: ['*'] }]
          operator: 'GreaterThan'
          threshold: failures
          // Another period would double the time that is looked back over: half an hour until anybody hears of it.
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: {
      actionGroups: [actionGroupId]
      customProperties: union(
        { team: team, severity: 'warning', headroom_family: 'identity' },
        runbooks == '' ? {} : { runbook: '${runbooks}sign-in-failures' }
      )
    }
  }
}
