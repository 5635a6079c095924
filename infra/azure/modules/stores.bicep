// What Headroom keeps and reads: records, queue and payloads; its secrets; its configuration; the levers that it may set. In
// private mode all but the levers are reached inside its network alone.
param name string
param suffix string
param location string
param tags object
param readerPrincipalId string
param actorPrincipalId string
param actions bool
param deployerObjectId string
param referencedSecrets string[]
param workspaceId string
param privateNetwork bool
param redundancy string

@secure()
param alertToken string

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    accountName: 'st${take(name, 9)}${suffix}'
    location: location
    tags: tags
    readerPrincipalId: readerPrincipalId
    privateNetwork: privateNetwork
    redundancy: redundancy
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    vaultName: 'kv-${take(name, 8)}-${take(suffix, 11)}'
    location: location
    tags: tags
    readerPrincipalId: readerPrincipalId
    alertToken: alertToken
    workspaceId: workspaceId
    privateNetwork: privateNetwork
  }
}

module configuration 'configuration.bicep' = {
  name: 'configuration'
  params: {
    storeName: 'appcs-${name}-${suffix}'
    location: location
    tags: tags
    readerPrincipalId: readerPrincipalId
    deployerObjectId: deployerObjectId
    vaultUri: vault.outputs.uri
    referencedSecrets: referencedSecrets
    privateNetwork: privateNetwork
  }
}

module levers 'levers.bicep' = if (actions) {
  name: 'levers'
  params: {
    storeName: 'appcs-${name}-levers-${suffix}'
    location: location
    tags: tags
    actorPrincipalId: actorPrincipalId
  }
}

module network 'network.bicep' = if (privateNetwork) {
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

output storageAccountId string = storage.outputs.id
output storageAccountName string = storage.outputs.name
output vaultName string = vault.outputs.name
output vaultUri string = vault.outputs.uri
output configurationEndpoint string = configuration.outputs.endpoint
output leversEndpoint string = actions ? levers!.outputs.endpoint : ''
output functionsSubnetId string = privateNetwork ? network!.outputs.functionsSubnetId : ''
