/**
 * Which permission each request to a cloud needs: one row for each method and path, or operation, that the adapters may send.
 * Written from the providers' own lists, not from what the adapters say of themselves, so that the two can be compared.
 */

/** Who is asked. A store of keys and a vault look alike on the wire, so the service is known from the address. */
export type CloudService =
  | 'identity'
  | 'arm'
  | 'logs'
  | 'metrics'
  | 'configuration'
  | 'vault'
  | 'table'
  | 'queue'
  | 'blob'
  | 'aws'
  | 's3'
  /** Speaks the older protocol, with its operation in the body. */
  | 'sts'
  | 'function-url';

/** One request as it was sent. */
export type CloudCall = {
  service: CloudService;
  method: string;
  /** With its query, percent-encoded as sent. An emulator's account is cut off its front. */
  path: string;
  /** X-Amz-Target: `DynamoDB_20120810.GetItem`; '' where there is none. */
  target: string;
  body: string;
};

/** `free`: no permission is asked for it here, and why. */
type Row = { service: CloudService; call: RegExp } & (
  | { needs: string | ((call: CloudCall) => readonly string[]) }
  | { free: string }
);

const DEPLOYED = 'the deployment makes it: only a developer’s empty account is ever asked to';

/** A table stands where a query or a part of it begins, before its first pipe, or in a union; a name of `let` is none. */
const TABLE = /(?:^|[(;]|\blet \w+ =)\s*([A-Za-z_]\w*)\s*\|/g;
const UNITED = /\bunion(?:\s+\w+=\w+)*\s+([A-Za-z_][\w,\s]*?)\s*(?:[|;)]|$)/g;
const NAMED = /\blet (\w+)/g;

const rule = (type: string) => `^GET /subscriptions/[^/]+/resourcegroups/[^/]+/providers/${type}/[^/?]+\\?`;
const STORAGE = 'Microsoft.Storage/storageAccounts';
const KEY_VALUES = 'Microsoft.AppConfiguration/configurationStores/keyValues';

/**
 * Read against `method path?query` for a REST service, against X-Amz-Target for the others of AWS; the first that fits counts.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-calling-data-operations
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const ROWS: readonly Row[] = [
  { service: 'identity', call: /^GET /, free: 'a token for itself is every identity’s' },

  {
    service: 'arm',
    call: /^GET \/.+\/providers\/microsoft\.alertsmanagement\/alerts(?:\/[^/?]+)?\?/i,
    needs: 'Microsoft.AlertsManagement/alerts/read',
  },
  {
    service: 'arm',
    call: /^POST \/.+\/providers\/microsoft\.alertsmanagement\/alerts\/[^/]+\/changestate\?/i,
    needs: 'Microsoft.AlertsManagement/alerts/changestate/action',
  },
  {
    service: 'arm',
    call: /^GET \/.+\/providers\/microsoft\.alertsmanagement\/actionrules\/[^/]+\?/i,
    needs: 'Microsoft.AlertsManagement/actionRules/read',
  },
  {
    service: 'arm',
    call: /^PUT \/.+\/providers\/microsoft\.alertsmanagement\/actionrules\/[^/]+\?/i,
    needs: 'Microsoft.AlertsManagement/actionRules/write',
  },
  {
    service: 'arm',
    call: /^DELETE \/.+\/providers\/microsoft\.alertsmanagement\/actionrules\/[^/]+\?/i,
    needs: 'Microsoft.AlertsManagement/actionRules/delete',
  },
  ...[
    'Microsoft.Insights/metricAlerts',
    'Microsoft.Insights/scheduledQueryRules',
    'Microsoft.Insights/activityLogAlerts',
    'Microsoft.AlertsManagement/smartDetectorAlertRules',
    'Microsoft.AlertsManagement/prometheusRuleGroups',
  ].map((type): Row => ({ service: 'arm', call: new RegExp(rule(type), 'i'), needs: `${type}/read` })),
  {
    service: 'arm',
    call: /^GET \/subscriptions\/[^/]+\/resources\?/,
    needs: 'Microsoft.Resources/subscriptions/resources/read',
  },
  // It shows of each resource what its caller may read, whatever the kind.
  { service: 'arm', call: /^POST \/providers\/Microsoft\.ResourceGraph\/resources\?/, needs: '*/read' },
  {
    service: 'metrics',
    call: /^POST \/subscriptions\/[^/]+\/metrics:getBatch\?/,
    needs: 'Microsoft.Insights/metrics/read',
  },
  {
    service: 'logs',
    call: /^POST \/v1\/workspaces\/[^/]+\/query$/,
    needs: ({ body }) => [
      'Microsoft.OperationalInsights/workspaces/query/read',
      ...tablesIn(body).map((table) => `Microsoft.OperationalInsights/workspaces/query/${table}/read`),
    ],
  },
  {
    service: 'logs',
    call: /^POST \/v1\/subscriptions\/.+\/query$/,
    needs: ({ body }) => tablesIn(body).map((table) => `Microsoft.Insights/logs/${table}/read`),
  },

  { service: 'configuration', call: /^GET \/kv(?:\/[^/?]+)?\/?\?/, needs: `${KEY_VALUES}/read` },
  { service: 'configuration', call: /^PUT \/kv\/[^/?]+\?/, needs: `${KEY_VALUES}/write` },
  { service: 'configuration', call: /^DELETE \/kv\/[^/?]+\?/, needs: `${KEY_VALUES}/delete` },
  {
    service: 'vault',
    call: /^GET \/secrets\/[^/?]+(?:\/[^/?]*)?\?/,
    needs: 'Microsoft.KeyVault/vaults/secrets/getSecret/action',
  },

  { service: 'table', call: /^POST \/Tables$/, free: DEPLOYED },
  { service: 'table', call: /^GET \/[^/]+\(.*\)/, needs: `${STORAGE}/tableServices/tables/entities/read` },
  { service: 'table', call: /^POST \/[^/(]+$/, needs: `${STORAGE}/tableServices/tables/entities/add/action` },
  { service: 'table', call: /^PUT \/[^/]+\(.+\)/, needs: `${STORAGE}/tableServices/tables/entities/update/action` },
  { service: 'table', call: /^DELETE \/[^/]+\(.+\)/, needs: `${STORAGE}/tableServices/tables/entities/delete` },

  { service: 'queue', call: /^PUT \/[^/?]+$/, free: DEPLOYED },
  { service: 'queue', call: /^GET \/[^/?]+\?comp=metadata/, needs: `${STORAGE}/queueServices/queues/read` },
  {
    service: 'queue',
    call: /^POST \/[^/]+\/messages(?:\?|$)/,
    needs: `${STORAGE}/queueServices/queues/messages/add/action`,
  },
  {
    service: 'queue',
    call: /^GET \/[^/]+\/messages(?:\?(?!.*peekonly)|$)/,
    needs: `${STORAGE}/queueServices/queues/messages/process/action`,
  },
  {
    service: 'queue',
    call: /^PUT \/[^/]+\/messages\/[^/]+\?/,
    needs: `${STORAGE}/queueServices/queues/messages/write`,
  },
  {
    service: 'queue',
    call: /^DELETE \/[^/]+\/messages\/[^/]+\?/,
    needs: `${STORAGE}/queueServices/queues/messages/delete`,
  },

  { service: 'blob', call: /^PUT \/[^/?]+\?restype=container$/, free: DEPLOYED },
  { service: 'blob', call: /^GET \/[^/?]+\?(?=.*comp=list)/, needs: `${STORAGE}/blobServices/containers/blobs/read` },
  { service: 'blob', call: /^GET \/[^/?]+\/[^/?]+$/, needs: `${STORAGE}/blobServices/containers/blobs/read` },
  { service: 'blob', call: /^PUT \/[^/?]+\/[^/?]+$/, needs: `${STORAGE}/blobServices/containers/blobs/write` },
  { service: 'blob', call: /^DELETE \/[^/?]+\/[^/?]+$/, needs: `${STORAGE}/blobServices/containers/blobs/delete` },

  ...operations('DynamoDB_20120810', 'dynamodb', ['GetItem', 'PutItem', 'DeleteItem', 'Query']),
  ...operations('AmazonSQS', 'sqs', [
    'SendMessage',
    'ReceiveMessage',
    'ChangeMessageVisibility',
    'DeleteMessage',
    'GetQueueAttributes',
  ]),
  // A batch has no permission of its own.
  { service: 'aws', call: /^AmazonSQS\.ChangeMessageVisibilityBatch$/, needs: 'sqs:ChangeMessageVisibility' },
  ...operations('secretsmanager', 'secretsmanager', ['GetSecretValue']),
  ...operations('GraniteServiceVersion20100801', 'cloudwatch', [
    'DescribeAlarms',
    'SetAlarmState',
    'ListAlarmMuteRules',
    'GetAlarmMuteRule',
    'PutAlarmMuteRule',
    'DeleteAlarmMuteRule',
    'GetMetricData',
  ]),
  ...operations('Logs_20140328', 'logs', ['StartQuery', 'GetQueryResults', 'StopQuery']),

  { service: 's3', call: /^GET \/[^/?]+\/?\?list-type=2/, needs: 's3:ListBucket' },
  { service: 's3', call: /^GET \/[^/?]+\/[^/?]+(?:\?x-id=GetObject)?$/, needs: 's3:GetObject' },
  { service: 's3', call: /^PUT \/[^/?]+\/[^/?]+(?:\?x-id=PutObject)?$/, needs: 's3:PutObject' },
  { service: 's3', call: /^DELETE \/[^/?]+\/[^/?]+(?:\?x-id=DeleteObject)?$/, needs: 's3:DeleteObject' },
  { service: 'sts', call: /^POST \/$/, needs: ({ body }) => [`sts:${new URLSearchParams(body).get('Action')}`] },
  // @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  { service: 'function-url', call: /^GET \//, needs: () => ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'] },
];

/**
 * What a request needs of whoever sends it.
 *
 * @returns permissions, none for what needs none; null for a request that no row knows
 */
export function permissionsOf(call: CloudCall): readonly string[] | null {
  const said = call.service === 'aws' ? call.target : `${call.method} ${call.path}`;
  const row = ROWS.find((one) => one.service === call.service && one.call.test(said));
  if (row === undefined) return null;
  if ('free' in row) return [];
  return typeof row.needs === 'string' ? [row.needs] : row.needs(call);
}

function operations(target: string, prefix: string, names: readonly string[]): Row[] {
  return names.map((name) => ({
    service: 'aws',
    call: new RegExp(`^${target}\\.${name}$`),
    needs: `${prefix}:${name}`,
  }));
}

function tablesIn(body: string): string[] {
  const asked: unknown = JSON.parse(body);
  const text = typeof asked === 'object' && asked !== null && 'query' in asked ? String(asked.query) : '';
  const named = new Set(namesBy(NAMED, text));
  const united = namesBy(UNITED, text).flatMap((names) => names.split(/\s*,\s*/));
  return [...new Set([...namesBy(TABLE, text), ...united])].filter((name) => !named.has(name));
}

function namesBy(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}
