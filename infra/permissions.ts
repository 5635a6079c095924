/**
 * What the code asks of the clouds, collected from what each adapter exports as its `permissions`, with who asks. Roles are
 * made of this list and nothing else: `infra/manifest.json` carries it to Bicep and to the CDK.
 *
 * An adapter or action that is new adds one line here; a test finds the one that is forgotten.
 */
import { permissions as actorRole } from '../shared/adapters/aws/actor-role.ts';
import { permissions as alarmReadBack } from '../shared/adapters/aws/alarm-read-back.ts';
import { permissions as alarms } from '../shared/adapters/aws/cloudwatch-alarms.ts';
import { permissions as canaryAlarm } from '../shared/adapters/aws/cloudwatch-canary.ts';
import { permissions as metricsOfAws } from '../shared/adapters/aws/cloudwatch-metrics.ts';
import { permissions as firstRegion } from '../shared/adapters/aws/function-url-signer.ts';
import { permissions as logsInsights } from '../shared/adapters/aws/logs-insights.ts';
import { permissions as muteRules } from '../shared/adapters/aws/mute-rule.ts';
import { permissions as objects } from '../shared/adapters/aws/payloads.ts';
import { permissions as queueOfAws } from '../shared/adapters/aws/queue.ts';
import { permissions as recordsOfAws } from '../shared/adapters/aws/records.ts';
import { permissions as secretsManager } from '../shared/adapters/aws/secrets.ts';
import { permissions as watchedRoles } from '../shared/adapters/aws/watched-accounts.ts';
import { permissions as alertReadBack } from '../shared/adapters/azure/alert-read-back.ts';
import { permissions as firingAlerts } from '../shared/adapters/azure/alerts-management.ts';
import { permissions as appConfiguration } from '../shared/adapters/azure/app-configuration.ts';
import { permissions as closeAlert } from '../shared/adapters/azure/close-alert.ts';
import { permissions as configurationRequests } from '../shared/adapters/azure/configuration-requests.ts';
import { permissions as levers } from '../shared/adapters/azure/levers.ts';
import { permissions as logAnalytics } from '../shared/adapters/azure/log-analytics.ts';
import { permissions as metricsOfAzure } from '../shared/adapters/azure/metrics.ts';
import { permissions as blobs } from '../shared/adapters/azure/payloads.ts';
import { permissions as processingRules } from '../shared/adapters/azure/processing-rule.ts';
import { permissions as queueOfAzure } from '../shared/adapters/azure/queue.ts';
import { permissions as recordsOfAzure } from '../shared/adapters/azure/records.ts';
import { permissions as resourceGraph } from '../shared/adapters/azure/resource-graph.ts';
import { permissions as signIns } from '../shared/adapters/azure/sign-ins.ts';
import type { ENTRIES, Entry } from './entries.ts';

/** What a statement of an adapter is about, in its own words; the CDK puts ARNs in their place. */
export const AWS_PLACES = [
  'the table',
  'the work queue',
  'the dead-letter queue',
  'the bucket',
  'the objects of the bucket',
  'the secret',
  'the canary alarm',
  'the reader of the first region',
  'the roles of the watched accounts',
  'the role that acts',
  '*',
] as const;
export type AwsPlace = (typeof AWS_PLACES)[number];

export type AwsGrant = { on: AwsPlace; actions: string[] };

type Iam = readonly { readonly actions: readonly string[]; readonly resources: readonly AwsPlace[] }[];

type Condition = 'actions' | 'secondRegion' | 'watchedAccounts';

/** Each entry has a role of its own; the actor's is taken on by those that act, and exists only where actions are on. */
type AwsRole = Entry | 'actor';

/** One adapter, and the roles that it calls with: all of its actions, or those that the entry's own calls need. */
type AwsNeed = {
  adapter: string;
  iam: Iam;
  roles: Partial<Record<AwsRole, 'all' | readonly string[]>>;
  /** Granted only where actions are on, as it changes something outside; in a second region; where accounts are watched. */
  onlyWith?: Condition;
};

export const AWS_NEEDS: readonly AwsNeed[] = [
  {
    adapter: 'aws/records.ts',
    iam: recordsOfAws.iam,
    roles: {
      receive: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      read: ['dynamodb:GetItem', 'dynamodb:Query'],
      chat: 'all',
      work: 'all',
      watch: 'all',
    },
  },
  {
    adapter: 'aws/queue.ts',
    iam: queueOfAws.iam,
    roles: {
      receive: ['sqs:SendMessage'],
      read: ['sqs:GetQueueAttributes'],
      chat: 'all',
      work: 'all',
      watch: 'all',
    },
  },
  {
    adapter: 'aws/payloads.ts',
    iam: objects.iam,
    roles: {
      receive: ['s3:PutObject'],
      chat: ['s3:GetObject', 's3:ListBucket'],
      work: ['s3:GetObject', 's3:PutObject', 's3:ListBucket'],
      watch: 'all',
    },
  },
  {
    adapter: 'aws/secrets.ts',
    iam: secretsManager.iam,
    roles: { receive: 'all', chat: 'all', read: 'all', work: 'all', watch: 'all' },
  },
  { adapter: 'aws/alarm-read-back.ts', iam: alarmReadBack.iam, roles: { work: 'all' } },
  { adapter: 'aws/cloudwatch-alarms.ts', iam: alarms.iam, roles: { watch: 'all' } },
  { adapter: 'aws/mute-rule.ts', iam: muteRules.iam, roles: { actor: 'all' }, onlyWith: 'actions' },
  // Work offers and acts, chat looks at what would be changed.
  { adapter: 'aws/actor-role.ts', iam: actorRole.iam, roles: { chat: 'all', work: 'all' }, onlyWith: 'actions' },
  { adapter: 'aws/cloudwatch-canary.ts', iam: canaryAlarm.iam, roles: { watch: 'all' } },
  { adapter: 'aws/cloudwatch-metrics.ts', iam: metricsOfAws.iam, roles: { work: 'all', watch: 'all' } },
  { adapter: 'aws/logs-insights.ts', iam: logsInsights.iam, roles: { work: 'all' } },
  {
    adapter: 'aws/function-url-signer.ts',
    iam: firstRegion.iam,
    roles: { work: 'all', watch: 'all' },
    onlyWith: 'secondRegion',
  },
  {
    adapter: 'aws/watched-accounts.ts',
    iam: watchedRoles.iam,
    roles: { work: 'all', watch: 'all' },
    onlyWith: 'watchedAccounts',
  },
];

/** What AWS itself does in a function's name. */
export const AWS_PLATFORM: readonly (AwsGrant & { entry: Entry; why: string })[] = [
  {
    entry: 'work',
    on: 'the work queue',
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    why: 'the event source mapping: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  },
];

/**
 * Where an identity of Azure uses a permission, and so where its role is assigned. `inventory` is apart from `watched`, since
 * Resource Graph shows what its caller may read of everything: whoever does not want that leaves this role out.
 */
export const AZURE_PLACES = ['watched', 'inventory', 'storage', 'configuration', 'vault', 'actor', 'levers'] as const;
export type AzurePlace = (typeof AZURE_PLACES)[number];

export type AzureGrant = { actions: string[]; dataActions: string[] };

type AzureNeed = { adapter: string; on: AzurePlace; actions?: readonly string[]; dataActions?: readonly string[] };

export const AZURE_NEEDS: readonly AzureNeed[] = [
  { adapter: 'azure/records.ts', on: 'storage', dataActions: recordsOfAzure.data },
  { adapter: 'azure/queue.ts', on: 'storage', actions: queueOfAzure.arm, dataActions: queueOfAzure.data },
  { adapter: 'azure/payloads.ts', on: 'storage', dataActions: blobs.data },
  { adapter: 'azure/app-configuration.ts', on: 'configuration', dataActions: appConfiguration.configuration },
  { adapter: 'azure/app-configuration.ts', on: 'vault', dataActions: appConfiguration.vault },
  { adapter: 'azure/alert-read-back.ts', on: 'watched', actions: alertReadBack.arm },
  { adapter: 'azure/alerts-management.ts', on: 'watched', actions: firingAlerts.arm },
  { adapter: 'azure/close-alert.ts', on: 'actor', actions: closeAlert.arm },
  { adapter: 'azure/processing-rule.ts', on: 'actor', actions: processingRules.arm },
  { adapter: 'azure/levers.ts', on: 'levers', dataActions: levers.data },
  { adapter: 'azure/log-analytics.ts', on: 'watched', actions: logAnalytics.arm },
  { adapter: 'azure/configuration-requests.ts', on: 'watched', actions: configurationRequests.arm },
  { adapter: 'azure/metrics.ts', on: 'watched', actions: metricsOfAzure.arm },
  { adapter: 'azure/sign-ins.ts', on: 'watched', actions: signIns.arm },
  { adapter: 'azure/resource-graph.ts', on: 'inventory', actions: resourceGraph.arm },
];

/**
 * What the Functions host does in the app's name; Microsoft names built-in roles for it, not actions.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
 */
export const HOST_ROLES = {
  'Storage Blob Data Owner': {
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    why: 'locks of the timer, the package of the deployment',
  },
  'Storage Queue Data Contributor': {
    id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    why: 'the queue trigger, and what it lays into the poison queue',
  },
  'Monitoring Metrics Publisher': {
    id: '3913510d-42f4-4e42-8a64-420c390055eb',
    why: 'telemetry into Application Insights, whose own keys are off',
  },
} as const;

/**
 * The grants of each lambda, one for each place, sorted.
 *
 * @param onlyWith those that are added where actions are on, in a second region, or where accounts are watched; absent: those that always hold
 */
export function awsGrants(onlyWith?: Condition): Record<Entry, AwsGrant[]> {
  return {
    receive: grantsOf('receive', onlyWith),
    chat: grantsOf('chat', onlyWith),
    read: grantsOf('read', onlyWith),
    work: grantsOf('work', onlyWith),
    watch: grantsOf('watch', onlyWith),
  } satisfies Record<(typeof ENTRIES)[number], AwsGrant[]>;
}

/** The grants of the role that acts, one for each place, sorted: it exists only where actions are on. */
export function awsActorGrants(): AwsGrant[] {
  return grantsOf('actor', 'actions');
}

function grantsOf(role: AwsRole, onlyWith: Condition | undefined): AwsGrant[] {
  const needs = AWS_NEEDS.filter((need) => need.onlyWith === onlyWith);
  const platform = onlyWith === undefined ? AWS_PLATFORM : [];
  return AWS_PLACES.flatMap((on) => {
    const needed = needs.flatMap(({ iam, roles }) => {
      const wanted = roles[role];
      if (wanted === undefined) return [];
      const actions = iam.flatMap((statement) => (statement.resources.includes(on) ? statement.actions : []));
      return wanted === 'all' ? actions : actions.filter((action) => wanted.includes(action));
    });
    const ofPlatform = platform.flatMap((grant) => (grant.entry === role && grant.on === on ? grant.actions : []));
    const actions = sorted([...needed, ...ofPlatform]);
    return actions.length === 0 ? [] : [{ on, actions }];
  });
}

/** The grants on each place, sorted. The function app is one process: its entries share an identity. */
export function azureGrants(): Record<AzurePlace, AzureGrant> {
  const grantOf = (place: AzurePlace): AzureGrant => {
    const needs = AZURE_NEEDS.filter(({ on }) => on === place);
    return {
      actions: sorted(needs.flatMap(({ actions = [] }) => actions)),
      dataActions: sorted(needs.flatMap(({ dataActions = [] }) => dataActions)),
    };
  };
  return {
    watched: grantOf('watched'),
    inventory: grantOf('inventory'),
    storage: grantOf('storage'),
    configuration: grantOf('configuration'),
    vault: grantOf('vault'),
    actor: grantOf('actor'),
    levers: grantOf('levers'),
  };
}

function sorted(actions: readonly string[]): string[] {
  return [...new Set(actions)].sort();
}
