import type { Cloud, Resource } from '../model.ts';
import { BOUNDS } from './bounds.ts';
import { cleanText } from './clean.ts';

/** Names inside an ARM id: no quotes, brackets, wildcards or controls, since ids end up in queries and URLs. */
const PATH = /^(?:\/[\p{L}\p{N}\-_.()$@~+=,! ]{1,260})+$/u;
/** Names that ARM never gives: `.`, `..`, a blank at either end. */
const ODD_NAME = /\/(?:\.{1,2}(?:\/|$)| )| (?:\/|$)/;
const TRAILING_SLASHES = /\/+$/;
const SCOPE = /^[0-9a-z-]{1,64}$/;

/**
 * The resource of an ARM id: subscription, resource group, resource, nested or extension resource, management group.
 *
 * @returns id lower-cased without trailing slash; null when it is no well-formed ARM id or over 1,000 characters.
 */
export function parseArmId(text: unknown): Resource | null {
  if (typeof text !== 'string' || text.length > BOUNDS.idCharacters || !text.startsWith('/')) return null;
  const id = text.toLowerCase().replace(TRAILING_SLASHES, '');
  if (!PATH.test(id) || ODD_NAME.test(id)) return null;
  const segments = id.split('/').slice(1);
  const scope = segments[0] === 'subscriptions' ? (segments[1] ?? '') : 'unknown';
  const typed = typeOf(segments);
  const name = segments.at(-1);
  if (typed === null || name === undefined || !SCOPE.test(scope)) return null;
  return { cloud: 'azure', id, name, type: typed, scope };
}

/** Type of the last resource in the path; null when the path is not made as ARM makes it. */
function typeOf(segments: readonly string[]): string | null {
  const provider = segments.lastIndexOf('providers');
  if (provider < 0) {
    if (segments[0] !== 'subscriptions') return null;
    if (segments.length === 2) return 'microsoft.resources/subscriptions';
    return segments.length === 4 && segments[2] === 'resourcegroups'
      ? 'microsoft.resources/subscriptions/resourcegroups'
      : null;
  }
  if (provider > 0 && segments[0] !== 'subscriptions' && segments[0] !== 'providers') return null;
  const [namespace, ...pairs] = segments.slice(provider + 1);
  if (namespace === undefined || pairs.length < 2 || pairs.length % 2 !== 0) return null;
  return [namespace, ...pairs.filter((_, index) => index % 2 === 0)].join('/');
}

const ARN = /^arn:(aws(?:-[a-z]+)*):([a-z0-9-]{1,63}):([a-z0-9-]{0,40}):(\d{12}|aws)?:([^\p{Cc}\p{Cf}\p{Cs}]+)$/u;
/** Wildcards and quotes, which no resource has in its ARN; an alarm is the exception, since its name is free text. */
const NOT_IN_NAMES = /[*?"'\\]/;

/** CloudFormation's names of the resource types that alarms watch; others are written `<service>:<kind>`. */
const AWS_TYPES: Readonly<Record<string, string>> = {
  'lambda:function': 'AWS::Lambda::Function',
  'cloudwatch:alarm': 'AWS::CloudWatch::Alarm',
  'dynamodb:table': 'AWS::DynamoDB::Table',
  'sqs:': 'AWS::SQS::Queue',
  'sns:': 'AWS::SNS::Topic',
  's3:': 'AWS::S3::Bucket',
  'ec2:instance': 'AWS::EC2::Instance',
  'ecs:cluster': 'AWS::ECS::Cluster',
  'ecs:service': 'AWS::ECS::Service',
  'kinesis:stream': 'AWS::Kinesis::Stream',
  'kms:key': 'AWS::KMS::Key',
  'logs:log-group': 'AWS::Logs::LogGroup',
  'rds:db': 'AWS::RDS::DBInstance',
  'secretsmanager:secret': 'AWS::SecretsManager::Secret',
  'states:stateMachine': 'AWS::StepFunctions::StateMachine',
  'elasticloadbalancing:loadbalancer': 'AWS::ElasticLoadBalancingV2::LoadBalancer',
};

/**
 * The resource of an ARN, whose case is kept (ARNs are case-sensitive).
 *
 * @returns scope is the account, or `unknown` (bucket ARNs name none); null when it is no well-formed ARN, holds a
 *   wildcard or quote (save in an alarm's name), or is over 1,000 characters.
 */
export function parseArn(text: unknown): Resource | null {
  if (typeof text !== 'string' || text.length > BOUNDS.idCharacters) return null;
  const match = ARN.exec(text);
  if (!match) return null;
  const [, , service = '', region = '', account = 'unknown', path = ''] = match;
  const separator = path.search(/[:/]/);
  const kind = separator < 0 ? '' : path.slice(0, separator);
  const name = path.slice(separator + 1).trim();
  if (name === '' || path !== path.trim()) return null;
  if (NOT_IN_NAMES.test(path) && !(service === 'cloudwatch' && kind === 'alarm')) return null;
  const type = AWS_TYPES[`${service}:${kind}`] ?? (kind === '' ? service : `${service}:${kind}`);
  return { cloud: 'aws', id: text, name, type, scope: account, ...(region === '' ? {} : { region }) };
}

/** The resource of an ARM id or an ARN; null for any other text. */
export function parseResource(text: unknown): Resource | null {
  return parseArmId(text) ?? parseArn(text);
}

/** What stands in where an alert names no resource: `<cloud>:<scope>:<rule>`. */
export function ruleResource(cloud: Cloud, scope: string | undefined, rule: string): Resource {
  const where = cleanText(scope ?? '', BOUNDS.wordCharacters) || 'unknown';
  return { cloud, id: `${cloud}:${where}:${rule}`, name: rule, type: 'unknown', scope: where };
}

/** What a payload says about its resource, in the order in which it is believed. */
export type Claims = {
  /** Of dimensions named `_ResourceId` or `ResourceId`, and those a source can derive from dimensions. */
  dimensions: readonly Resource[];
  /** `alertTargetIDs` and the like, as sent. */
  targets: readonly string[];
  /** The custom property, label or tag `resource`. */
  custom: unknown;
  /** Asked only where nothing else names a resource. */
  rule: () => Resource;
};

/** At least one resource, each once: of the dimensions, else the targets, else the custom property, else the rule. */
export function resourcesOf(claims: Claims): readonly [Resource, ...Resource[]] {
  const [first, ...others] = distinct(claims.dimensions);
  if (first) return [first, ...others];
  const [target, ...targets] = distinct(claims.targets.flatMap((id) => parseResource(id) ?? []));
  if (target) return [target, ...targets];
  return [parseResource(claims.custom) ?? claims.rule()];
}

function distinct(resources: readonly Resource[]): Resource[] {
  if (resources.length < 2) return [...resources];
  return [...new Map(resources.map((resource) => [resource.id, resource])).values()];
}

/** Text for a rule's place in an id: what has no name gets one, so that ids stay readable. */
export function ruleName(...candidates: readonly (string | null | undefined)[]): string {
  for (const candidate of candidates) {
    const name = cleanText(candidate ?? '', BOUNDS.nameCharacters);
    if (name !== '') return name;
  }
  return 'unnamed rule';
}
