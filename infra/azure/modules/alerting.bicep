// Who is called, and the rules that look at no watched subscription: those on Headroom itself, and on sign-ins. The rules of a
// watched subscription are in watched-subscription.bicep.
param location string
param tags object
param alertsUrl string
param entraWebhook object?
param people string[]
param storageAccountId string
param workspaceId string
param signInWorkspaceId string
param signInFailures int
param team string
param runbooks string

@secure()
param alertToken string

@secure()
param secondReceiverUri string

module receivers 'receivers.bicep' = {
  name: 'receivers'
  params: {
    tags: tags
    alertsUrl: alertsUrl
    alertToken: alertToken
    secondReceiverUri: secondReceiverUri
    entraWebhook: entraWebhook
    people: people
  }
}

module ownAlerts 'own-alerts.bicep' = {
  name: 'own-alerts'
  params: {
    location: location
    tags: tags
    storageAccountId: storageAccountId
    workspaceId: workspaceId
    headroomGroupId: receivers.outputs.headroomGroupId
    peopleGroupId: receivers.outputs.peopleGroupId
  }
}

module identityRules 'identity-rules.bicep' = if (signInWorkspaceId != '') {
  name: 'identity-rules'
  params: {
    location: location
    tags: tags
    signInWorkspaceId: signInWorkspaceId
    actionGroupId: receivers.outputs.headroomGroupId
    failures: signInFailures
    team: team
    runbooks: runbooks
  }
}

output headroomGroupId string = receivers.outputs.headroomGroupId
