import { ENDPOINT_NAMES, NAMES } from './names.ts';
import type { Reader } from './reader.ts';
import { SERVICES, type ServiceName } from './services.ts';
import type { Settings } from './settings.ts';

/** What the process runs on. */
export type Runtime = 'local' | 'azure' | 'aws';

/** One field a name of the configuration table: `HEADROOM_BODY_BYTES` is `bodyBytes`. Deeply frozen. */
export type Config = Readonly<ReturnType<typeof assemble>>;

export function assemble(read: Reader, runtime: Runtime, settings: Settings) {
  return {
    runtime,
    home: read.value(NAMES.home),
    records: read.value(NAMES.records),
    queue: read.value(NAMES.queue),
    payloads: read.value(NAMES.payloads),
    appConfigurationEndpoints: read.maybe(NAMES.appConfigurationEndpoints) ?? [],
    settings,
    limits: read.value(NAMES.limits),
    logs: read.maybe(NAMES.logs) ?? [],
    alertToken: read.maybe(NAMES.alertToken),
    alertAudience: read.maybe(NAMES.alertAudience),
    alertCaller: read.value(NAMES.alertCaller),
    readToken: read.maybe(NAMES.readToken),
    readAudience: read.maybe(NAMES.readAudience),
    tenantId: read.maybe(NAMES.tenantId),
    actions: read.value(NAMES.actions),
    actorClientId: read.maybe(NAMES.actorClientId),
    actorRole: read.maybe(NAMES.actorRole),
    leversEndpoint: read.maybe(NAMES.leversEndpoint),
    slackWebhookUrl: read.maybe(NAMES.slackWebhookUrl),
    slackBotToken: read.maybe(NAMES.slackBotToken),
    slackSigningSecret: read.maybe(NAMES.slackSigningSecret),
    slackChannel: read.maybe(NAMES.slackChannel),
    teamsWorkflowUrl: read.maybe(NAMES.teamsWorkflowUrl),
    teamsAppId: read.maybe(NAMES.teamsAppId),
    teamsAppPassword: read.maybe(NAMES.teamsAppPassword),
    teamsTenantId: read.maybe(NAMES.teamsTenantId),
    teamsWebhookSecret: read.maybe(NAMES.teamsWebhookSecret),
    workspaceId: read.maybe(NAMES.workspaceId),
    prometheusUrl: read.maybe(NAMES.prometheusUrl),
    opensearchUrl: read.maybe(NAMES.opensearchUrl),
    gitlabUrl: read.maybe(NAMES.gitlabUrl),
    gitlabToken: read.maybe(NAMES.gitlabToken),
    githubToken: read.maybe(NAMES.githubToken),
    escalationSecret: read.maybe(NAMES.escalationSecret),
    pagerdutyWebhookSecret: read.maybe(NAMES.pagerdutyWebhookSecret),
    pagerdutyRoutingKey: read.maybe(NAMES.pagerdutyRoutingKey),
    watchedAccounts: read.maybe(NAMES.watchedAccounts) ?? [],
    watchedExternalId: read.maybe(NAMES.watchedExternalId),
    cloud: read.value(NAMES.cloud),
    partition: read.value(NAMES.partition),
    queriesPerIncident: read.value(NAMES.queriesPerIncident),
    bodyBytes: read.value(NAMES.bodyBytes),
    retentionDays: read.value(NAMES.retentionDays),
    /** Base URLs given instead of the services' own. */
    endpoints: endpoints(read),
  };
}

function endpoints(read: Reader): Readonly<Partial<Record<ServiceName, string>>> {
  const given: Partial<Record<ServiceName, string>> = {};
  for (const { name } of SERVICES) {
    const setting = ENDPOINT_NAMES.find((candidate) => candidate.name === `${name}_ENDPOINT`);
    const url = setting && read.maybe(setting);
    if (url !== undefined) given[name] = url;
  }
  return given;
}
