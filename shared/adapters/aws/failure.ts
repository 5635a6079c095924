import { type ErrorKind, HeadroomError, isHeadroomError } from '../../errors.ts';
import { retryAfterMs } from '../../pacing/retry-after.ts';

export type AwsService =
  | 'dynamodb'
  | 'sqs'
  | 's3'
  | 'secretsmanager'
  | 'cloudwatch'
  | 'cloudwatch-metrics'
  | 'logs'
  | 'sts';

/** What the role of this process must be allowed, for each service. */
const ACTIONS: Readonly<Record<AwsService, string>> = {
  dynamodb: 'dynamodb:GetItem, PutItem, DeleteItem and Query on the table',
  sqs: 'sqs:SendMessage, ReceiveMessage, DeleteMessage, ChangeMessageVisibility and GetQueueAttributes on both queues',
  secretsmanager: 'secretsmanager:GetSecretValue on the secret, and kms:Decrypt on a key of your own',
  cloudwatch:
    'cloudwatch:DescribeAlarms and ListAlarmMuteRules, and SetAlarmState on the canary alarm where the settings name one',
  'cloudwatch-metrics': 'cloudwatch:GetMetricData',
  sts: 'sts:AssumeRole on the role that it takes on',
  logs: 'logs:StartQuery on the log groups, logs:GetQueryResults and logs:StopQuery',
  s3: 's3:GetObject, PutObject and DeleteObject on the objects and s3:ListBucket on the bucket',
};

/** Longer waits are cut: nobody waits an hour for a store. */
const LONGEST_WAIT_MS = 3_600_000;

/** @see https://github.com/smithy-lang/smithy-typescript/tree/main/packages/core/src/submodules/retry */
const THROTTLED =
  /^(?:BandwidthLimitExceeded|LimitExceededException|PriorRequestNotComplete|ProvisionedThroughputExceededException|RequestLimitExceeded|RequestThrottled(?:Exception)?|SlowDown|Throttl(?:ed|ing)(?:Exception)?|TooManyRequestsException|(?:KMS|Kms)Throttl\w*|OverLimit)$/;

const DENIED =
  /^(?:AccessDenied(?:Exception)?|CredentialsProviderError|TokenProviderError|ExpiredToken(?:Exception)?|IncompleteSignature(?:Exception)?|InvalidAccessKeyId|InvalidClientTokenId|InvalidSignatureException|InvalidToken|MissingAuthenticationToken(?:Exception)?|SignatureDoesNotMatch|UnrecognizedClientException|(?:KMS|Kms)AccessDenied\w*)$/;

const TIMED_OUT = /^(?:AbortError|TimeoutError|RequestTimeout(?:Exception)?)$/;

const MISSING =
  /^(?:ResourceNotFound(?:Exception)?|NoSuchBucket|QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/;

/**
 * What a failed call means for its caller; an error of the family stays what it is. The cause is told by name and status
 * alone: the client's own error holds the answer with its body.
 *
 * @param nowMs against which a wait that is given as a date is counted
 */
export function awsFailure(error: unknown, service: AwsService, what: string, nowMs: number): HeadroomError {
  if (isHeadroomError(error)) return error;
  const { kind, nextStep } = meaningOf(error, service);
  const waitMs = kind === 'throttled' ? retryAfterMs((name) => headerOf(error, name), nowMs, LONGEST_WAIT_MS) : null;
  const reason = reasonOf(error);
  return new HeadroomError(kind, `${what} failed: ${reason}`, {
    cause: new Error(reason),
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  });
}

/** The service's own word for what went wrong, `ResourceNotFoundException`; `unknown` when it said none. */
export function codeOf(error: unknown): string {
  const named = read(error, 'Code') ?? read(error, 'name');
  const code = named === 'Error' || named === 'AggregateError' ? read(error, 'code') : named;
  return typeof code === 'string' && /^[\w.]{1,80}$/.test(code) ? code : 'unknown';
}

/** HTTP status of the answer; undefined when there was none. */
function statusOf(error: unknown): number | undefined {
  const status = read(read(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

/** How often the client tried before it gave this up. */
export function triesOf(error: unknown): number {
  const tries = read(read(error, '$metadata'), 'attempts');
  return typeof tries === 'number' ? tries : 1;
}

/** The client calls a connection that was cut timed out as well: it cannot know whether a write took effect. A read has none. */
const CUT = /^(?:ECONNRESET|ECONNREFUSED|EPIPE)$/;
const READ_ONLY: ReadonlySet<AwsService> = new Set(['cloudwatch-metrics', 'logs']);

const UNREACHED = {
  kind: 'unavailable',
  nextStep: 'check AWS_REGION, the address of the store and the way to it',
} as const;

function meaningOf(error: unknown, service: AwsService): { kind: ErrorKind; nextStep?: string } {
  const [status, code] = [statusOf(error), codeOf(error)];
  if (THROTTLED.test(code) || status === 429) return { kind: 'throttled' };
  if (status === undefined && READ_ONLY.has(service) && CUT.test(String(read(error, 'code')))) return UNREACHED;
  if (TIMED_OUT.test(code) || status === 408) return { kind: 'timed-out' };
  if (DENIED.test(code) || status === 401 || status === 403)
    return { kind: 'denied', nextStep: `give this process a role that allows ${ACTIONS[service]}` };
  if (MISSING.test(code))
    return { kind: 'configuration', nextStep: 'create it, or correct its name and AWS_REGION, and start anew' };
  if (status === undefined) return UNREACHED;
  if (status === 413) return { kind: 'too-large' };
  return { kind: status >= 500 ? 'unavailable' : 'invalid' };
}

function reasonOf(error: unknown): string {
  const [status, code] = [statusOf(error), codeOf(error)];
  return status === undefined ? code : `${status} ${code}`;
}

/** AWS's own header says milliseconds. */
function headerOf(error: unknown, name: string): string | undefined {
  const headers = read(read(error, '$response'), 'headers');
  const value = read(headers, name === 'retry-after-ms' ? 'x-amz-retry-after' : name);
  return typeof value === 'string' ? value : undefined;
}

function read(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
