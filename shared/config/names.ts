import { limitsChoice } from './limits-choice.ts';
import { SERVICES } from './services.ts';
import { optional, type Setting, withFallback } from './setting.ts';
import { payloads, queue, records } from './stores.ts';
import {
  account,
  baseUrl,
  choice,
  guid,
  list,
  metadataUrl,
  roleArn,
  secret,
  secretUrl,
  text,
  wholeNumber,
  word,
} from './values.ts';

const S = { secret: true } as const;
const GUID = '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11';

/** Every name of the configuration table. `docs/configuration.md` documents the same ones; a test compares the two. */
export const NAMES = {
  home: withFallback('HOME', text, '.headroom', 'folder of the local store', '/var/lib/headroom'),
  records: withFallback('RECORDS', records, 'sqlite', 'where records are kept', 'table:https://a.table.example'),
  queue: withFallback('QUEUE', queue, 'sqlite', 'where work waits', 'storage:https://a.queue.example/work'),
  payloads: withFallback('PAYLOADS', payloads, 'file', 'where payloads and evidence are kept', 's3:headroom-payloads'),
  appConfigurationEndpoints: optional(
    'APP_CONFIGURATION_ENDPOINTS',
    list(baseUrl),
    'App Configuration stores to read from, in order of preference',
    'https://a.azconfig.example,https://b.azconfig.example',
    { environmentOnly: true },
  ),
  settings: optional('SETTINGS', text, 'path of the settings file', './headroom.json'),
  limits: withFallback('LIMITS', limitsChoice, 'published', 'published limits to compare with', './limits.json'),
  logs: optional('LOGS', list(text), 'exported audit logs, as the evidence store of one machine', 'logs/**/*.json'),

  alertToken: optional('ALERT_TOKEN', secret, 'bearer or query token of the alert routes', 'a-long-random-word', S),
  alertAudience: optional(
    'ALERT_AUDIENCE',
    list(word(256)),
    'Entra audiences of the secured webhook',
    'api://headroom,6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11',
  ),
  alertCaller: withFallback(
    'ALERT_CALLER',
    guid,
    '461e8683-5575-4561-ac7f-899cc907d62a',
    "application id of the action group service, the secured webhook's one caller",
    GUID,
  ),
  readToken: optional('READ_TOKEN', secret, 'bearer of the GET routes and the console', 'another-random-word', S),
  readAudience: optional('READ_AUDIENCE', list(word(256)), 'Entra audiences of the GET routes', 'api://headroom-read'),
  tenantId: optional('TENANT_ID', guid, 'Entra tenant that callers are of', GUID),

  actions: withFallback('ACTIONS', choice(['off', 'on']), 'off', 'whether approved actions are performed', 'on'),
  actorClientId: optional('ACTOR_CLIENT_ID', guid, 'identity that performs actions', GUID),
  actorRole: optional(
    'ACTOR_ROLE',
    roleArn,
    'role of AWS that performs actions there',
    'arn:aws:iam::123456789012:role/headroom-actor',
  ),
  leversEndpoint: optional(
    'LEVERS_ENDPOINT',
    baseUrl,
    'store that levers are written to',
    'https://l.azconfig.example',
  ),

  slackWebhookUrl: optional('SLACK_WEBHOOK_URL', secretUrl, 'incoming webhook', 'https://hooks.slack.example/T/B/x', S),
  slackBotToken: optional('SLACK_BOT_TOKEN', secret, 'bot token, for posts that can be edited', 'xoxb-0-0-x', S),
  slackSigningSecret: optional('SLACK_SIGNING_SECRET', secret, 'checks what comes from Slack', '0f3c9a', S),
  slackChannel: optional('SLACK_CHANNEL', word(81), 'channel the bot posts to', 'C0123456789'),

  teamsWorkflowUrl: optional('TEAMS_WORKFLOW_URL', secretUrl, 'Workflows webhook', 'https://w.example/?sig=x', S),
  teamsAppId: optional('TEAMS_APP_ID', guid, "the bot's application id", GUID),
  teamsAppPassword: optional('TEAMS_APP_PASSWORD', secret, "the bot's client secret", 'client-secret', S),
  teamsTenantId: optional('TEAMS_TENANT_ID', guid, "the bot's tenant", GUID),
  teamsWebhookSecret: optional('TEAMS_WEBHOOK_SECRET', secret, 'checks the outgoing webhook', 'c2VjcmV0', S),

  workspaceId: optional('WORKSPACE_ID', guid, 'Log Analytics workspace to ask where a resource names none', GUID),
  prometheusUrl: optional('PROMETHEUS_URL', baseUrl, 'Prometheus to ask', 'https://prometheus.example'),
  opensearchUrl: optional('OPENSEARCH_URL', baseUrl, 'OpenSearch to ask', 'https://opensearch.example'),
  gitlabUrl: optional('GITLAB_URL', baseUrl, 'GitLab that issues and merge requests go to', 'https://gitlab.example'),
  gitlabToken: optional('GITLAB_TOKEN', secret, 'token for that GitLab', 'glpat-x', S),
  githubToken: optional('GITHUB_TOKEN', secret, 'token for GitHub issues', 'ghp_x', S),
  escalationSecret: optional(
    'ESCALATION_SECRET',
    secret,
    'signs calls of escalation.webhook',
    'a-third-random-word',
    S,
  ),
  pagerdutyWebhookSecret: optional(
    'PAGERDUTY_WEBHOOK_SECRET',
    secret,
    'checks what PagerDuty sends when somebody acknowledges there',
    'a-fourth-random-word',
    S,
  ),
  pagerdutyRoutingKey: optional('PAGERDUTY_ROUTING_KEY', secret, 'Events v2 integration key', 'r0uting', S),

  watchedAccounts: optional(
    'WATCHED_ACCOUNTS',
    list(account),
    'accounts of AWS that are read by a role of theirs',
    '123456789012,210987654321',
  ),
  watchedExternalId: optional(
    'WATCHED_EXTERNAL_ID',
    secret,
    'external id of those roles',
    'a-fifth-long-random-word',
    S,
  ),

  cloud: withFallback('CLOUD', choice(['public', 'usgov', 'china']), 'public', 'Azure cloud', 'usgov'),
  partition: withFallback('PARTITION', choice(['aws', 'aws-us-gov', 'aws-cn']), 'aws', 'AWS partition', 'aws-cn'),
  queriesPerIncident: withFallback(
    'QUERIES_PER_INCIDENT',
    wholeNumber(1, 100),
    '12',
    'log and metric queries spent on one incident at most',
    '20',
  ),
  bodyBytes: withFallback('BODY_BYTES', wholeNumber(1024, 67_108_864), '1048576', 'largest request body', '2097152'),
  retentionDays: withFallback('RETENTION_DAYS', wholeNumber(1, 400), '30', 'days that evidence is kept', '14'),
} as const;

/** `SLACK_ENDPOINT`, `IMDS_ENDPOINT`, …: one for each service. */
export const ENDPOINT_NAMES: readonly Setting<string>[] = SERVICES.map((service) =>
  optional(
    `${service.name}_ENDPOINT`,
    'linkLocal' in service ? metadataUrl : baseUrl,
    `base URL of ${service.what}`,
    `http://127.0.0.1:9001/${service.name.toLowerCase()}`,
  ),
);

/** All names, in the order of the table. */
export const ALL_NAMES: readonly Setting<unknown>[] = [...Object.values(NAMES), ...ENDPOINT_NAMES];
