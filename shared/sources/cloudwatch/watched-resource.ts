import type { Resource } from '../../model.ts';
import { type Pair, resourcesIn } from '../dimensions.ts';
import { parseArn } from '../resource.ts';
import type { Query } from './signals.ts';

type Template = { dimension: string; arn: string };

/**
 * How a metric's dimension names the resource it was measured on, by namespace. `{v}` is the dimension's value, other
 * braces are the alarm's partition, region and account. Dimensions that hold only a display name (`ApiName`) are left
 * out: no ARN can be made of them.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const TEMPLATES: Readonly<Record<string, Template>> = {
  'AWS/Lambda': { dimension: 'FunctionName', arn: 'arn:{p}:lambda:{r}:{a}:function:{v}' },
  'AWS/SQS': { dimension: 'QueueName', arn: 'arn:{p}:sqs:{r}:{a}:{v}' },
  'AWS/SNS': { dimension: 'TopicName', arn: 'arn:{p}:sns:{r}:{a}:{v}' },
  'AWS/DynamoDB': { dimension: 'TableName', arn: 'arn:{p}:dynamodb:{r}:{a}:table/{v}' },
  'AWS/EC2': { dimension: 'InstanceId', arn: 'arn:{p}:ec2:{r}:{a}:instance/{v}' },
  'AWS/S3': { dimension: 'BucketName', arn: 'arn:{p}:s3:::{v}' },
  'AWS/Kinesis': { dimension: 'StreamName', arn: 'arn:{p}:kinesis:{r}:{a}:stream/{v}' },
  'AWS/KMS': { dimension: 'KeyId', arn: 'arn:{p}:kms:{r}:{a}:key/{v}' },
  'AWS/RDS': { dimension: 'DBInstanceIdentifier', arn: 'arn:{p}:rds:{r}:{a}:db:{v}' },
  'AWS/Logs': { dimension: 'LogGroupName', arn: 'arn:{p}:logs:{r}:{a}:log-group:{v}' },
  'AWS/States': { dimension: 'StateMachineArn', arn: '{v}' },
  'AWS/ApplicationELB': { dimension: 'LoadBalancer', arn: 'arn:{p}:elasticloadbalancing:{r}:{a}:loadbalancer/{v}' },
  'AWS/NetworkELB': { dimension: 'LoadBalancer', arn: 'arn:{p}:elasticloadbalancing:{r}:{a}:loadbalancer/{v}' },
};

/**
 * The resources that an alarm's metrics were measured on: named in full by a dimension, or derived from one; none where
 * they measure different ones, since then the alarm is about no single resource.
 *
 * @param alarm the alarm itself, whose partition, region and account its metrics share unless they name an account
 */
export function watchedResources(queries: readonly Query[], alarm: Resource | null): Resource[] {
  const named = queries.flatMap((query) => resourcesIn(query.dimensions));
  const found = named.length > 0 ? named : queries.flatMap((query) => derive(query, alarm) ?? []);
  return new Set(found.map((resource) => resource.id)).size === 1 ? found.slice(0, 1) : [];
}

function derive(query: Query, alarm: Resource | null): Resource | null {
  const namespace = query.namespace ?? '';
  if (namespace === 'AWS/ECS') return alarm && deriveEcs(query.dimensions, alarm, accountOf(query, alarm));
  const template = Object.hasOwn(TEMPLATES, namespace) ? TEMPLATES[namespace] : undefined;
  const value = template && dimensionValue(query.dimensions, template.dimension);
  if (!template || value === undefined || alarm === null) return null;
  return fill(template.arn, value, alarm, accountOf(query, alarm));
}

/** A service is named by two dimensions, a cluster by one of them. */
function deriveEcs(dimensions: readonly Pair[], alarm: Resource, account: string): Resource | null {
  const cluster = dimensionValue(dimensions, 'ClusterName');
  const service = dimensionValue(dimensions, 'ServiceName');
  if (cluster === undefined) return null;
  return service === undefined
    ? fill('arn:{p}:ecs:{r}:{a}:cluster/{v}', cluster, alarm, account)
    : fill('arn:{p}:ecs:{r}:{a}:service/{v}', `${cluster}/${service}`, alarm, account);
}

function fill(template: string, value: string, alarm: Resource, account: string): Resource | null {
  const partition = alarm.id.split(':')[1] ?? 'aws';
  const parts: Record<string, string> = { p: partition, r: alarm.region ?? '', a: account, v: value };
  const resource = parseArn(template.replace(/\{([prav])\}/g, (_, part: string) => parts[part] ?? ''));
  // Bucket ARNs name no account, yet the metric is of one.
  return resource && { ...resource, scope: resource.scope === 'unknown' ? account : resource.scope };
}

function dimensionValue(dimensions: readonly Pair[], name: string): string | undefined {
  return dimensions.find(([dimension]) => dimension === name)?.[1];
}

/** Metrics may come from another account than the alarm's (cross-account observability). */
function accountOf(query: Query, alarm: Resource): string {
  return typeof query.accountId === 'string' && /^\d{12}$/.test(query.accountId) ? query.accountId : alarm.scope;
}
