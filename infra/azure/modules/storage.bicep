// Records, work queue, payloads, and what the Functions host keeps. No shared keys: identities alone get in.
param accountName string
param location string
param tags object
param readerPrincipalId string
param privateNetwork bool

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param redundancy string

var groupId = resourceGroup().id
var manifest = loadJsonContent('../../manifest.json')
var granted = manifest.permissions.azure.storage
var hostRoles = manifest.permissions.azureHost

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: privateNetwork ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: { deleteRetentionPolicy: { enabled: true, days: 7 } }
}

resource payloads 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'headroom-payloads'
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'app-package'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource work 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: 'headroom-work'
}

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: 'headroom-work-poison'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource records 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = {
  parent: tables
  name: 'headroom'
}

// A day after watch, which sees to it first.
resource expiry 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'payloads'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['headroom-payloads/payload-'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 15 } } }
          }
        }
        {
          name: 'evidence'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['headroom-payloads/evidence-'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 31 } } }
          }
        }
      ]
    }
  }
}

// Exactly what the adapters of tables, queues and blobs call.
resource storesRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'headroom-stores')
  properties: {
    roleName: 'Headroom stores (${uniqueString(resourceGroup().id)})'
    description: 'Reads and writes the records, the work queue and the payloads of Headroom.'
    type: 'CustomRole'
    assignableScopes: [groupId]
    permissions: [{ actions: granted.actions, notActions: [], dataActions: granted.dataActions, notDataActions: [] }]
  }
}

resource stores 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, readerPrincipalId, 'headroom-stores')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: storesRole.id
  }
}

// What the Functions host needs for its triggers and its package, by the roles that Microsoft names for it.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, readerPrincipalId, 'host-blobs')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      hostRoles['Storage Blob Data Owner'].id
    )
  }
}

resource hostQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, readerPrincipalId, 'host-queues')
  properties: {
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      hostRoles['Storage Queue Data Contributor'].id
    )
  }
}

output id string = account.id
output name string = account.name
