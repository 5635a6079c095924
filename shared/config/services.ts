/**
 * The outside services whose base URL can be replaced by `HEADROOM_<NAME>_ENDPOINT`, for emulators, proxies and private
 * clouds. What an endpoint is when nothing is given: the row of the cloud in `clouds.ts`, or the SDK's own.
 * Services that are configured by their own URL (App Configuration, Prometheus, OpenSearch, GitLab) are not repeated here.
 */
export const SERVICES = [
  { name: 'ENTRA', what: 'Microsoft Entra ID: tokens and signing keys' },
  { name: 'IMDS', what: "the machine's metadata service, of either cloud", linkLocal: true },
  { name: 'ARM', what: 'Azure Resource Manager, with Resource Graph and alerts' },
  { name: 'GRAPH', what: 'Microsoft Graph: names of callers' },
  { name: 'LOGS', what: 'Log Analytics queries' },
  { name: 'METRICS', what: 'Azure Monitor metrics of many resources' },
  { name: 'STS', what: 'AWS Security Token Service' },
  { name: 'SQS', what: 'Amazon SQS' },
  { name: 'SNS', what: 'Amazon SNS: certificates and subscriptions' },
  { name: 'DYNAMODB', what: 'Amazon DynamoDB' },
  { name: 'S3', what: 'Amazon S3' },
  { name: 'SECRETS_MANAGER', what: 'AWS Secrets Manager' },
  { name: 'CLOUDWATCH', what: 'CloudWatch metrics and alarms' },
  { name: 'CLOUDWATCH_LOGS', what: 'CloudWatch Logs Insights' },
  { name: 'SLACK', what: 'the Slack Web API' },
  { name: 'TEAMS', what: 'the Bot Framework connector, and its signing keys' },
  { name: 'GITHUB', what: 'the GitHub API' },
  { name: 'PAGERDUTY', what: 'PagerDuty Events v2' },
] as const;

export type ServiceName = (typeof SERVICES)[number]['name'];
