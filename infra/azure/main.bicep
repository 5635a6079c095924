// Headroom in one subscription: its own resource group, and in every watched subscription a role, a policy and alert rules.
// Deploy: az deployment sub create --location <region> --template-file main.bicep --parameters main.bicepparam
// The parameters are explained in main.bicepparam; docs/deploy-azure.md is the guide.
targetScope = 'subscription'

@description('Region of everything that has one.')
param location string

@description('Part of every name: lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'headroom'

@description('What to watch: subscription ids (GUID), each with the regions that its vaults lie in.')
param watched watchedSubscription[]

@description('Token in the address that the action group calls: long and random. Kept in the vault.')
@secure()
@minLength(32)
param alertToken string

@description('E-mail addresses that are told when Headroom itself is silent.')
@minLength(1)
param people string[]

@description('Shown with every alert.')
param team string = 'platform'

@description('Where the runbooks of the rules begin; the name of the rule is appended.')
param runbooks string = ''

@description('When each rule fires; docs/alert-rules.md says why.')
param thresholds object = {
  throttledRequests: 0
  hitsPerMinute: 1500
  saturationPercent: 70
  saturationUrgentPercent: 90
  availabilityPercent: 90
  latencyMs: 1000
  appConfigurationThrottled: 0
  signInFailures: 10
}

@description('Whether this installation brings alert rules and policies; false for a second one, which shares the rules of the first.')
param alertRules bool = true

@description('Rules about Key Vault by name; each costs a metric series for each vault.')
param rules string[] = ['throttled', 'hits', 'filling', 'full', 'availability', 'latency']

@description('Vaults with thresholds of their own, in place of the general ones.')
param overrides vaultOverride[] = []

@description('Vaults that no rule of Headroom tells about; the tag headroom=off on a vault does the same.')
param optedOutVaultIds string[] = []

@description('App Configuration stores whose refusals are told.')
param appConfigurationStoreIds string[] = []

@description('Workspace with the sign-in logs of managed identities, as an ARM id; empty: no rule about them.')
param signInWorkspaceId string = ''

@description('Workspace that vaults without a diagnostic setting are to log to, as an ARM id; empty: the one of Headroom.')
param auditWorkspaceId string = ''

@description('Whether a policy gives vaults without a diagnostic setting one; vaults that have one are left as they are.')
param fillDiagnosticSettings bool = true

@description('Whether roles are assigned in each watched subscription; false where management-group.bicep assigned them for all.')
param assignRoles bool = true

@description('Whether callers are told by the name of their resource: needs to read all resources of the watched subscriptions.')
param inventory bool = true

@description('Whether approved actions are performed: makes a second identity and a store for levers.')
param actions bool = false

@description('Names of secrets that are app settings, so that they work when App Configuration is away.')
param appSettingSecrets string[] = ['HEADROOM_ALERT_TOKEN']

@description('Names of secrets that App Configuration refers to.')
param referencedSecrets string[] = []

@description('Further settings that are no secrets, by their names in docs/configuration.md.')
param settings object = {}

@description('A second receiver in the same action group: the address of an installation elsewhere, with its token.')
@secure()
param secondReceiverUri string = ''

@description('Secured webhook in place of the token: application of Entra that the action group shows a token of.')
param entraWebhook entraApplication?

@description('Whether stores, vault and configuration are reached by private endpoints alone.')
param privateNetwork bool = false

@description('Copies of records and payloads: in three zones, or in a second region as well (GZRS), since tables have no backup.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param redundancy string = 'Standard_ZRS'

@description('Who may reach the app: service tags and address ranges; empty: everyone, as Headroom checks each caller itself.')
param allowedCallers string[] = []

@description('Whether an Azure Bot is registered for Teams, as the identity of the app.')
param bot bool = false

@description('Functions instances at most: each has its own pace towards Slack and Teams.')
@minValue(1)
@maxValue(100)
param maximumInstances int = 40

@description('Who deploys: may write key-values while local keys are off.')
param deployerObjectId string = deployer().objectId

type watchedSubscription = {
  subscriptionId: string
  regions: string[]
}

type vaultOverride = {
  vaultId: string
  region: string
  thresholds: object
}

type entraApplication = {
  objectId: string
  identifierUri: string
  clientId: string
}

var tags = { app: 'headroom' }
var suffix = uniqueString(subscription().id, name, location)

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${name}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: { name: name, location: location, tags: tags, actions: actions }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    name: name
    location: location
    tags: tags
    readerPrincipalId: identity.outputs.readerPrincipalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    accountName: 'st${take(name, 9)}${suffix}'
    location: location
    tags: tags
    readerPrincipalId: identity.outputs.readerPrincipalId
    privateNetwork: privateNetwork
    redundancy: redundancy
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  name: 'vault'
  params: {
    vaultName: 'kv-${take(name, 8)}-${take(suffix, 11)}'
    location: location
    tags: tags
    readerPrincipalId: identity.outputs.readerPrincipalId
    alertToken: alertToken
    workspaceId: monitoring.outputs.workspaceId
    privateNetwork: privateNetwork
  }
}

module configuration 'modules/configuration.bicep' = {
  scope: group
  name: 'configuration'
  params: {
    storeName: 'appcs-${name}-${suffix}'
    location: location
    tags: tags
    readerPrincipalId: identity.outputs.readerPrincipalId
    deployerObjectId: deployerObjectId
    vaultUri: vault.outputs.uri
    referencedSecrets: referencedSecrets
    privateNetwork: privateNetwork
  }
}

module levers 'modules/levers.bicep' = if (actions) {
  scope: group
  name: 'levers'
  params: {
    storeName: 'appcs-${name}-levers-${suffix}'
    location: location
    tags: tags
    actorPrincipalId: identity.outputs.actorPrincipalId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  name: 'network'
  params: {
    name: name
    location: location
    tags: tags
    storageAccountId: storage.outputs.id
    vaultId: vault.outputs.id
    configurationStoreId: configuration.outputs.id
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  name: 'app'
  params: {
    appName: 'func-${name}-${suffix}'
    location: location
    tags: tags
    readerId: identity.outputs.readerId
    readerClientId: identity.outputs.readerClientId
    actorId: identity.outputs.actorId
    actorClientId: identity.outputs.actorClientId
    actions: actions
    storageAccountName: storage.outputs.name
    configurationEndpoint: configuration.outputs.endpoint
    leversEndpoint: actions ? levers!.outputs.endpoint : ''
    vaultUri: vault.outputs.uri
    insightsConnectionString: monitoring.outputs.connectionString
    appSettingSecrets: appSettingSecrets
    settings: settings
    alertAudience: entraWebhook == null ? '' : '${entraWebhook!.identifierUri},${entraWebhook!.clientId}'
    bot: bot
    subnetId: privateNetwork ? network!.outputs.functionsSubnetId : ''
    maximumInstances: maximumInstances
    allowedCallers: allowedCallers
  }
}

module receivers 'modules/receivers.bicep' = {
  scope: group
  name: 'receivers'
  params: {
    tags: tags
    alertsUrl: 'https://${app.outputs.hostName}/api/alerts/azure'
    alertToken: alertToken
    secondReceiverUri: secondReceiverUri
    entraWebhook: entraWebhook
    people: people
  }
}

module ownAlerts 'modules/own-alerts.bicep' = {
  scope: group
  name: 'own-alerts'
  params: {
    location: location
    tags: tags
    storageAccountId: storage.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    headroomGroupId: receivers.outputs.headroomGroupId
    peopleGroupId: receivers.outputs.peopleGroupId
  }
}

module identityRules 'modules/identity-rules.bicep' = if (signInWorkspaceId != '') {
  scope: group
  name: 'identity-rules'
  params: {
    location: location
    tags: tags
    signInWorkspaceId: signInWorkspaceId
    actionGroupId: receivers.outputs.headroomGroupId
    failures: thresholds.signInFailures
    team: team
    runbooks: runbooks
  }
}

module botRegistration 'modules/bot.bicep' = if (bot) {
  scope: group
  name: 'bot'
  params: {
    botName: 'bot-${name}-${suffix}'
    tags: tags
    readerId: identity.outputs.readerId
    readerClientId: identity.outputs.readerClientId
    messagesUrl: 'https://${app.outputs.hostName}/api/teams/messages'
  }
}

module watchedSubscriptions 'modules/watched-subscription.bicep' = [
  for one in watched: {
    scope: subscription(one.subscriptionId)
    name: 'headroom-${one.subscriptionId}'
    params: {
      name: name
      location: location
      tags: tags
      regions: one.regions
      readerPrincipalId: identity.outputs.readerPrincipalId
      actorPrincipalId: identity.outputs.actorPrincipalId
      actions: actions
      inventory: inventory
      assignRoles: assignRoles
      alertRules: alertRules
      fillDiagnosticSettings: fillDiagnosticSettings
      auditWorkspaceId: auditWorkspaceId == '' ? monitoring.outputs.workspaceId : auditWorkspaceId
      actionGroupId: receivers.outputs.headroomGroupId
      thresholds: thresholds
      rules: rules
      overrides: filter(overrides, o => contains(o.vaultId, one.subscriptionId))
      optedOutVaultIds: filter(optedOutVaultIds, id => contains(id, one.subscriptionId))
      appConfigurationStoreIds: filter(appConfigurationStoreIds, id => contains(id, one.subscriptionId))
      team: team
      runbooks: runbooks
    }
  }
]

@description('azd deploys the code to what carries the tag azd-service-name.')
output AZURE_RESOURCE_GROUP string = group.name

@description('readerPrincipalId of management-group.bicep.')
output HEADROOM_READER string = identity.outputs.readerPrincipalId

@description('ours.actionGroups in headroom.json.')
output HEADROOM_ACTION_GROUP string = receivers.outputs.headroomGroupId

@description('Slack and Teams call below this.')
output HEADROOM_URL string = 'https://${app.outputs.hostName}'

@description('az keyvault secret set --vault-name … --name slack-bot-token')
output HEADROOM_VAULT string = vault.outputs.name

@description('App Configuration that Headroom reads: headroom:config:…')
output HEADROOM_CONFIGURATION string = configuration.outputs.endpoint
