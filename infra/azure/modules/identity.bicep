// Who Headroom is: one identity that reads, and one that acts, which exists only where actions are on.
param name string
param location string
param tags object
param actions bool

resource reader 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}-reader'
  location: location
  tags: tags
}

resource actor 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (actions) {
  name: 'id-${name}-actor'
  location: location
  tags: tags
}

output readerId string = reader.id
output readerClientId string = reader.properties.clientId
output readerPrincipalId string = reader.properties.principalId
output actorId string = actions ? actor!.id : ''
output actorClientId string = actions ? actor!.properties.clientId : ''
output actorPrincipalId string = actions ? actor!.properties.principalId : ''
