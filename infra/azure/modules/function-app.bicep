// The function app: Flex Consumption, Node 24, one instance always ready for HTTP and one for the worker.
param appName string
param location string
param tags object
param readerId string
param readerClientId string
param actorId string
param actorClientId string
param actions bool
param storageAccountName string
param configurationEndpoint string
param leversEndpoint string
param vaultUri string
param insightsConnectionString string
param appSettingSecrets string[]
param settings object
param alertAudience string
param bot bool
param subnetId string
param maximumInstances int
param allowedCallers string[]

var manifest = loadJsonContent('../../manifest.json')
var suffixes = environment().suffixes
var secrets = filter(manifest.settings.secret, secret => contains(appSettingSecrets, secret.name))
var clouds = { AzureCloud: 'public', AzureUSGovernment: 'usgov', AzureChinaCloud: 'china' }

// Kept by the platform, which resolves them itself: they work when App Configuration is away.
var secretSettings = [
  for secret in secrets: {
    name: secret.name
    value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${secret.vaultSecret})'
  }
]

var ownSettings = [
  // By address and not by name, which the host would look for in the public cloud alone.
  { name: 'AzureWebJobsStorage__blobServiceUri', value: 'https://${storageAccountName}.blob.${suffixes.storage}' }
  { name: 'AzureWebJobsStorage__queueServiceUri', value: 'https://${storageAccountName}.queue.${suffixes.storage}' }
  { name: 'AzureWebJobsStorage__tableServiceUri', value: 'https://${storageAccountName}.table.${suffixes.storage}' }
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: readerClientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'Authorization=AAD;ClientId=${readerClientId}' }
  { name: 'AZURE_CLIENT_ID', value: readerClientId }
  { name: 'HEADROOM_CLOUD', value: clouds[environment().name] }
  { name: 'HEADROOM_TENANT_ID', value: subscription().tenantId }
  { name: 'HEADROOM_RECORDS', value: 'table:https://${storageAccountName}.table.${suffixes.storage}' }
  { name: 'HEADROOM_QUEUE', value: 'storage:https://${storageAccountName}.queue.${suffixes.storage}' }
  { name: 'HEADROOM_PAYLOADS', value: 'blob:https://${storageAccountName}.blob.${suffixes.storage}' }
  { name: 'HEADROOM_APP_CONFIGURATION_ENDPOINTS', value: configurationEndpoint }
]

var actionSettings = actions
  ? [
      { name: 'HEADROOM_ACTIONS', value: 'on' }
      { name: 'HEADROOM_ACTOR_CLIENT_ID', value: actorClientId }
      { name: 'HEADROOM_LEVERS_ENDPOINT', value: leversEndpoint }
    ]
  : []

var audienceSettings = alertAudience == '' ? [] : [{ name: 'HEADROOM_ALERT_AUDIENCE', value: alertAudience }]

var botSettings = bot
  ? [
      { name: 'HEADROOM_TEAMS_APP_ID', value: readerClientId }
      { name: 'HEADROOM_TEAMS_TENANT_ID', value: subscription().tenantId }
    ]
  : []

var furtherSettings = map(items(settings), setting => { name: setting.key, value: setting.value })

// A range has a slash; everything else is a service tag.
var restrictions = [
  for (caller, i) in allowedCallers: {
    name: 'caller${i}'
    priority: 100 + i
    action: 'Allow'
    tag: contains(caller, '/') ? 'Default' : 'ServiceTag'
    ipAddress: caller
  }
]

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccountName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${appName}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: actions ? { '${readerId}': {}, '${actorId}': {} } : { '${readerId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: readerId
    virtualNetworkSubnetId: subnetId == '' ? null : subnetId
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}app-package'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: readerId }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstances
        alwaysReady: [
          { name: 'http', instanceCount: 1 }
          { name: 'function:work', instanceCount: 1 }
        ]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      ipSecurityRestrictions: restrictions
      ipSecurityRestrictionsDefaultAction: empty(allowedCallers) ? 'Allow' : 'Deny'
      appSettings: concat(
        ownSettings,
        secretSettings,
        actionSettings,
        audienceSettings,
        botSettings,
        furtherSettings
      )
    }
  }
}

resource noFtpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output hostName string = app.properties.defaultHostName
