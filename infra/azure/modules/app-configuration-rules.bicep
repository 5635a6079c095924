// Refusals of App Configuration, a rule for each store: its metrics take no rule over many.
param tags object
param storeIds string[]
param throttled int
param actionGroupId string
param team string
param runbooks string

resource rule 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for id in storeIds: {
    name: 'headroom-appcs-${last(split(id, '/'))}-throttled'
    location: 'global'
    tags: tags
    properties: {
      description: 'App Configuration refused requests: its quota of the hour is used up. Until the hour ends, clients live on what they hold.'
      severity: 2
      enabled: true
      scopes: [id]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'throttled'
            metricNamespace: 'Microsoft.AppConfiguration/configurationStores'
            metricName: 'ThrottledHttpRequestCount'
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: throttled
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroupId
          webHookProperties: union({ team: team, severity: 'warning' }, runbooks == '' ? {} : { runbook: '${runbooks}app-configuration-throttled' })
        }
      ]
    }
  }
]
