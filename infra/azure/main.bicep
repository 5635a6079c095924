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

module stores 'modules/stores.bicep' = {
  scope: group
  name: 'stores'
  params: {
    name: name
    suffix: suffix
    location: location
    tags: tags
    readerPrincipalId: identity.outputs.readerPrincipalId
    actorPrincipalId: identity.outputs.actorPrincipalId
    actions: actions
    deployerObjectId: deployerObjectId
    alertToken: alertToken
    referencedSecrets: referencedSecrets
    workspaceId: monitoring.outputs.workspaceId
    privateNetwork: privateNetwork
    redundancy: redundancy
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
    storageAccountName: stores.outputs.storageAccountName
    configurationEndpoint: stores.outputs.configurationEndpoint
    leversEndpoint: stores.outputs.leversEndpoint
    vaultUri: stores.outputs.vaultUri
    insightsConnectionString: monitoring.outputs.connectionString
    appSettingSecrets: appSettingSecrets
    settings: settings
    alertAudience: entraWebhook == null ? '' : '${entraWebhook!.identifierUri},${entraWebhook!.clientId}'
    bot: bot
    subnetId: stores.outputs.functionsSubnetId
    maximumInstances: maximumInstances
    allowedCallers: allowedCallers
  }
}

module alerting 'modules/alerting.bicep' = {
  scope: group
  name: 'alerting'
  params: {
    location: location
    tags: tags
    alertsUrl: 'https://${app.outputs.hostName}/api/alerts/azure'
    alertToken: alertToken
    secondReceiverUri: secondReceiverUri
    entraWebhook: entraWebhook
    people: people
    storageAccountId: stores.outputs.storageAccountId
    workspaceId: monitoring.outputs.workspaceId
    signInWorkspaceId: signInWorkspaceId
    signInFailures: thresholds.signInFailures
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
    // A deployment of a subscription keeps its region for ever: a second installation elsewhere needs another name.
    name: '${name}-${one.subscriptionId}'
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
      actionGroupId: alerting.outputs.headroomGroupId
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
output HEADROOM_ACTION_GROUP string = alerting.outputs.headroomGroupId

@description('Slack and Teams call below this.')
output HEADROOM_URL string = 'https://${app.outputs.hostName}'

@description('az keyvault secret set --vault-name … --name slack-bot-token')
output HEADROOM_VAULT string = stores.outputs.vaultName

@description('App Configuration that Headroom reads: headroom:config:…')
output HEADROOM_CONFIGURATION string = stores.outputs.configurationEndpoint
