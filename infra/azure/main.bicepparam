using './main.bicep'

// Everything that an installation chooses. What is left out has the default that main.bicep says.

param location = 'westeurope'

// Part of every name. Two installations in one subscription need two.
param name = 'headroom'

// What to watch. Regions are those that vaults lie in: metric rules cover one region each, and a rule without vaults costs
// nothing. `headroom onboard --dry-run` lists them, and so does az keyvault list --query "[].location" --output tsv | sort -u
param watched = [
  {
    subscriptionId: '00000000-0000-0000-0000-000000000000'
    regions: ['westeurope', 'northeurope']
  }
]

// Long and random, for the address that the action group calls: openssl rand -hex 32
param alertToken = readEnvironmentVariable('HEADROOM_ALERT_TOKEN', '')

// Who is told when Headroom itself is silent: past Headroom, straight to these addresses.
param people = ['ops@example.org']

// Shown with each alert. The runbook of a rule is this address and the rule's name: …/throttled, …/full, …/availability.
param team = 'platform'
param runbooks = 'https://runbooks.example/key-vault/'

// When each rule fires; docs/alert-rules.md says what to think about before a change.
param thresholds = {
  throttledRequests: 0 // refused requests in 5 minutes
  hitsPerMinute: 1500 // requests in a minute: 25 a second, far below any limit
  saturationPercent: 70 // 5-minute average: time to look
  saturationUrgentPercent: 90 // 5-minute average: about to refuse
  availabilityPercent: 90 // 5-minute average
  latencyMs: 1000 // 5-minute average
  appConfigurationThrottled: 0 // refused requests in 5 minutes
  signInFailures: 10 // failed sign-ins of managed identities in 15 minutes, for each resource asked for
}

// A second installation in another region shares the rules of the first: there it is a second receiver (secondReceiverUri).
param alertRules = true

// Each rule costs about 0.10 US dollars a month for each vault. The one that an estate of a thousand can do without is hits.
param rules = ['throttled', 'hits', 'filling', 'full', 'availability', 'latency']

// A vault whose normal is not that of the others: its own thresholds, merged over those above.
param overrides = []
// [{ vaultId: '/subscriptions/…/vaults/kv-batch', region: 'westeurope', thresholds: { hitsPerMinute: 60000 } }]

// Vaults that Headroom does not tell about. The tag headroom=off on the vault says the same.
param optedOutVaultIds = []

// Rules for App Configuration are one for each store.
param appConfigurationStoreIds = []

// Workspace with AADManagedIdentitySignInLogs, often another team's; empty: no rule about failed sign-ins.
param signInWorkspaceId = ''

// Vaults that log to no workspace are made to log to this one; empty: Headroom's own. Vaults that log already are left alone.
param auditWorkspaceId = ''
param fillDiagnosticSettings = true

// Callers by the name of their resource instead of a GUID. Needs */read on the watched subscriptions, as Reader has.
param inventory = true

// Hundreds of subscriptions: assign the roles once, on their management group, by management-group.bicep, and say false here.
param assignRoles = true

// Approved actions: makes a second identity, which alone may act, and the store of levers.
param actions = false

// Secrets by their names in docs/configuration.md. The first list is kept by the platform and works when App Configuration is
// away: what takes alerts in and what posts belongs there. The second is read from App Configuration while Headroom runs.
param appSettingSecrets = [
  'HEADROOM_ALERT_TOKEN'
  'HEADROOM_SLACK_BOT_TOKEN'
  'HEADROOM_SLACK_SIGNING_SECRET'
]
param referencedSecrets = []

// Everything else that docs/configuration.md lists.
param settings = {
  HEADROOM_SETTINGS: '/home/site/wwwroot/headroom.json'
  HEADROOM_SLACK_CHANNEL: 'C0123456789'
}

// Copies of records and payloads: three zones; Standard_GZRS keeps a second region as well. Tables have no other backup.
param redundancy = 'Standard_ZRS'

// Stores, vault and configuration by private endpoints alone. The alert route stays public, as action groups call from outside.
param privateNetwork = false

// Who may reach the app. Action groups and Teams' bots have service tags, Slack has none:
//   ['ActionGroup', 'AzureBotService', '203.0.113.0/24']
param allowedCallers = []

// Teams with buttons: registers an Azure Bot as the identity of the app.
param bot = false
