// Is Headroom alive? The canary comes the whole way that alerts come; the heartbeat is missed from outside.
param location string
param tags object
param storageAccountId string
param workspaceId string
param headroomGroupId string
param peopleGroupId string

// Always true, and stateless: it fires at every evaluation. Headroom shows it to nobody and misses it after 90 minutes.
resource canary 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'headroom-canary'
  location: 'global'
  tags: tags
  properties: {
    description: 'The canary of Headroom: fires every hour, is shown to nobody.'
    severity: 4
    enabled: true
    scopes: [storageAccountId]
    evaluationFrequency: 'PT1H'
    windowSize: 'PT6H'
    autoMitigate: false
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'always'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'UsedCapacity'
          timeAggregation: 'Average'
          operator: 'GreaterThanOrEqual'
          threshold: 0
        }
      ]
    }
    actions: [{ actionGroupId: headroomGroupId, webHookProperties: { headroom_canary: 'true' } }]
  }
}

// Past Headroom, to people: no heartbeat means that it is dead, that one of its jobs fails, or that the canary is late.
resource heartbeat 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'headroom-silent'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Headroom is silent'
    description: 'No sign of life for 15 minutes, or the canary is late: docs/operations.md, "Is it alive?"'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message contains \'"event":"heartbeat"\''
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [peopleGroupId] }
  }
}
