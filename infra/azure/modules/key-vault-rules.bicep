// The rules about Key Vault: for all vaults of a subscription in one region, or for one vault with thresholds of its own.
// docs/alert-rules.md says what each means, and what it does not.
param prefix string
param tags object
param scopes string[]
param region string
param thresholds object
param actionGroupId string
param team string
param runbooks string

@description('Names of the rules that are made, of those below.')
param names string[]

var rules = [
  {
    name: 'throttled'
    description: 'Requests were refused with 429. One refusal fires it: the clients may have got what they wanted at their next try. Headroom tells how many, of whom, and whether it hurts.'
    severity: 3
    metric: 'ServiceApiResult'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: thresholds.throttledRequests
    window: 'PT5M'
    frequency: 'PT1M'
    dimensions: [{ name: 'StatusCode', operator: 'Include', values: ['429'] }]
    urgency: 'notice'
  }
  {
    name: 'hits'
    description: 'Many requests in one minute. By itself no danger: 1,500 a minute are 25 a second, and the limit of secrets is 4,000 in 10 seconds. It stays on at any busy vault; it joins what else is known, or the digest.'
    severity: 4
    metric: 'ServiceApiHit'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: thresholds.hitsPerMinute
    window: 'PT1M'
    frequency: 'PT1M'
    dimensions: []
    urgency: 'information'
  }
  {
    name: 'filling'
    description: 'The vault uses most of its limit, for five minutes on average. Time to look who grew, while nothing is refused yet.'
    severity: 3
    metric: 'SaturationShoebox'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: thresholds.saturationPercent
    window: 'PT5M'
    frequency: 'PT1M'
    dimensions: []
    urgency: 'warning'
  }
  {
    name: 'full'
    description: 'The vault is about to refuse requests, or does so in bursts that an average of five minutes hides.'
    severity: 2
    metric: 'SaturationShoebox'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: thresholds.saturationUrgentPercent
    window: 'PT5M'
    frequency: 'PT1M'
    dimensions: []
    urgency: 'urgent'
  }
  {
    name: 'availability'
    description: 'Requests fail on the side of the service. Long operations count as failures here, so a single dip may be one.'
    severity: 1
    metric: 'Availability'
    aggregation: 'Average'
    operator: 'LessThan'
    threshold: thresholds.availabilityPercent
    window: 'PT5M'
    frequency: 'PT1M'
    dimensions: []
    urgency: 'urgent'
  }
  {
    name: 'latency'
    description: 'The service takes long to answer. Its load in this region is above the usual, or keys are large; clients wait, and their retries may follow.'
    severity: 3
    metric: 'ServiceApiLatency'
    aggregation: 'Average'
    operator: 'GreaterThan'
    threshold: thresholds.latencyMs
    window: 'PT5M'
    frequency: 'PT5M'
    dimensions: []
    urgency: 'warning'
  }
]

resource rule 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for one in filter(rules, candidate => contains(names, candidate.name)): {
    name: '${prefix}-${one.name}'
    location: 'global'
    tags: tags
    properties: {
      description: one.description
      severity: one.severity
      enabled: true
      scopes: scopes
      targetResourceType: 'Microsoft.KeyVault/vaults'
      targetResourceRegion: region
      evaluationFrequency: one.frequency
      windowSize: one.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: one.name
            metricNamespace: 'Microsoft.KeyVault/vaults'
            metricName: one.metric
            timeAggregation: one.aggregation
            operator: one.operator
            threshold: one.threshold
            dimensions: one.dimensions
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroupId
          webHookProperties: union({ team: team, severity: one.urgency }, runbooks == '' ? {} : { runbook: '${runbooks}${one.name}' })
        }
      ]
    }
  }
]
