// Whom alerts go to: Headroom, and, for what is wrong with Headroom, people directly.
param tags object
param alertsUrl string
param people string[]
param entraWebhook object?

@secure()
param alertToken string

@secure()
param secondReceiverUri string

// A plain webhook can send no header, so its token is in the address; never a function key, which needs the host to be well.
var plain = {
  name: 'headroom'
  serviceUri: '${alertsUrl}?token=${uriComponent(alertToken)}'
  useCommonAlertSchema: true
}

var secured = {
  name: 'headroom'
  serviceUri: alertsUrl
  useCommonAlertSchema: true
  useAadAuth: true
  objectId: entraWebhook.?objectId
  identifierUri: entraWebhook.?identifierUri
  tenantId: subscription().tenantId
}

var second = { name: 'second', serviceUri: secondReceiverUri, useCommonAlertSchema: true }

resource headroomGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-headroom'
  // Service Health calls global groups alone.
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'headroom'
    enabled: true
    webhookReceivers: concat(entraWebhook == null ? [plain] : [secured], secondReceiverUri == '' ? [] : [second])
  }
}

resource peopleGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-headroom-silent'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'hr-silent'
    enabled: true
    emailReceivers: [
      for (address, i) in people: { name: 'person${i}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

output headroomGroupId string = headroomGroup.id
output peopleGroupId string = peopleGroup.id
