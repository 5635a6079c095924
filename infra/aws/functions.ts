import { Duration, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Entry } from '../entries.ts';
import MANIFEST from '../manifest.json' with { type: 'json' };
import type { AwsPlace } from '../permissions.ts';
import type { Options } from './options.ts';
import { letSecondAsk, mayAskFirst } from './second-region.ts';
import type { Stores } from './stores.ts';
import { mayTakeOn, readsWatched } from './watched-account.ts';

/** Lives as long as the sandbox: what starts anew in it, after a crash or a time-out, has its code compiled already. */
const COMPILE_CACHE = '/tmp/compile-cache';

/** `MiB` buys processor time too; time limits are above what each bounds itself to. */
const SIZES: Record<Entry, { memoryMiB: number; seconds: number; what: string }> = {
  receive: { memoryMiB: 512, seconds: 15, what: 'takes alerts in: function URL, alarms, EventBridge, SNS' },
  chat: { memoryMiB: 1024, seconds: 15, what: 'answers Slack, Teams and PagerDuty' },
  read: { memoryMiB: 512, seconds: 15, what: 'GET api/health and api/incidents' },
  work: { memoryMiB: 1024, seconds: 120, what: 'posts, diagnoses, acts' },
  watch: { memoryMiB: 512, seconds: 60, what: 'every minute: sweep, reconcile, expire, canary, heartbeat' },
};

/** How long SQS hides a batch: AWS's advice is six times the function's own limit. */
export const WORK_VISIBILITY = Duration.seconds(6 * SIZES.work.seconds);

/** Beyond this each instance's own pace no longer keeps below what Slack and Teams let through. */
const MOST_WORKERS = 5;

type Props = {
  /** Folder with a folder for each entry. */
  bundles: string;
  stores: Stores;
  options: Options;
  canaryAlarmName: string;
};

/** The five lambdas, each with a role of its own that grants what the manifest lists for it and nothing else. */
export class Functions extends Construct {
  readonly byEntry: Record<Entry, lambda.Function>;
  readonly logGroups: Record<Entry, logs.LogGroup>;
  readonly urls: { receive: lambda.FunctionUrl; chat: lambda.FunctionUrl; read: lambda.FunctionUrl };
  /** Calls by AWS itself that failed for six hours. */
  readonly undelivered: sqs.Queue;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    this.undelivered = new sqs.Queue(this, 'Undelivered', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      retentionPeriod: Duration.days(14),
      enforceSSL: true,
    });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the end of the way: an alarm looks at it, people empty it.',
    });
    const made = (entry: Entry) => this.make(entry, props);
    const [receive, chat, read, work, watch] = [
      made('receive'),
      made('chat'),
      made('read'),
      made('work'),
      made('watch'),
    ];
    this.byEntry = {
      receive: receive.fn,
      chat: chat.fn,
      read: read.fn,
      work: work.fn,
      watch: watch.fn,
    };
    this.logGroups = {
      receive: receive.logGroup,
      chat: chat.logGroup,
      read: read.logGroup,
      work: work.logGroup,
      watch: watch.logGroup,
    };
    const { NONE, AWS_IAM } = lambda.FunctionUrlAuthType;
    this.urls = {
      // Senders cannot sign for AWS: Headroom checks their token or signature itself, over the raw bytes.
      receive: receive.fn.addFunctionUrl({ authType: NONE }),
      chat: chat.fn.addFunctionUrl({ authType: NONE }),
      read: read.fn.addFunctionUrl({ authType: AWS_IAM }),
    };
    letSecondAsk(this, read.fn, props.options.secondRegionRoles);
    new lambda.EventSourceMapping(this, 'WorkQueue', {
      target: work.fn,
      eventSourceArn: props.stores.queue.queueArn,
      batchSize: 10,
      maxConcurrency: MOST_WORKERS,
      reportBatchItemFailures: true,
    });
    everyMinute(this, watch.fn);
  }

  private make(entry: Entry, props: Props): { fn: lambda.Function; logGroup: logs.LogGroup } {
    const { stores, options } = props;
    const { memoryMiB, seconds, what } = SIZES[entry];
    const name = entry[0]?.toUpperCase() + entry.slice(1);
    const logGroup = new logs.LogGroup(this, `${name}Logs`, {
      retention: options.logRetentionDays,
      encryptionKey: stores.key,
    });
    const role = new iam.Role(this, `${name}Role`, {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Headroom ${entry}: ${what}`,
    });
    for (const statement of statementsOf(entry, props)) role.addToPolicy(statement);
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'OwnLog',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    const isAsync = entry === 'receive' || entry === 'watch';
    const fn = new lambda.Function(this, name, {
      description: `Headroom ${entry}: ${what}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(`${props.bundles}/${entry}`),
      handler: 'index.handler',
      role,
      logGroup,
      memorySize: memoryMiB,
      timeout: Duration.seconds(seconds),
      tracing: lambda.Tracing.ACTIVE,
      environment: environmentOf(props),
      environmentEncryption: stores.key,
      ...reservedFor(entry, options),
      ...(isAsync ? { deadLetterQueue: this.undelivered } : {}),
      ...(entry === 'receive' ? { maxEventAge: Duration.hours(6), retryAttempts: 2 } : {}),
      // What the next minute does anyway is not tried again.
      ...(entry === 'watch' ? { maxEventAge: Duration.minutes(1), retryAttempts: 0 } : {}),
    });
    acknowledgeWildcards(role, entry, stores);
    return { fn, logGroup };
  }
}

/** The manifest's grants with ARNs in place of its words, and the key that the places are encrypted with. */
function statementsOf(entry: Entry, { stores, options, canaryAlarmName }: Props): iam.PolicyStatement[] {
  const { account, region, partition } = Stack.of(stores);
  const arns: Record<AwsPlace, string> = {
    'the table': stores.table.tableArn,
    'the work queue': stores.queue.queueArn,
    'the dead-letter queue': stores.deadLetters.queueArn,
    'the bucket': stores.bucket.bucketArn,
    'the objects of the bucket': stores.bucket.arnForObjects('*'),
    'the secret': stores.secret.secretArn,
    'the canary alarm': `arn:${partition}:cloudwatch:${region}:${account}:alarm:${canaryAlarmName}`,
    'the reader of the first region': options.firstRegionReaderArn ?? '',
    'the roles of the watched accounts': '',
    'the role that acts': '',
    '*': '*',
  };
  const { aws, awsSecondRegion, awsWatchedAccounts } = MANIFEST.permissions;
  const isSecond = options.firstRegionReaderArn !== undefined;
  const grants = aws[entry].map(
    ({ on, actions }) => new iam.PolicyStatement({ actions, resources: [arns[placeOf(on)]] }),
  );
  const asked = (isSecond ? awsSecondRegion[entry] : []).flatMap(({ on, actions }) =>
    mayAskFirst(actions, arns[placeOf(on)]),
  );
  const key = new iam.PolicyStatement({
    sid: 'Key',
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
    resources: [stores.key.keyArn],
  });
  const taken = awsWatchedAccounts[entry].flatMap(({ actions }) => mayTakeOn(actions, options, partition));
  return [...grants, ...asked, ...taken, key];
}

function placeOf(word: string): AwsPlace {
  switch (word) {
    case 'the table':
    case 'the work queue':
    case 'the dead-letter queue':
    case 'the bucket':
    case 'the objects of the bucket':
    case 'the secret':
    case 'the canary alarm':
    case 'the reader of the first region':
    case 'the roles of the watched accounts':
    case 'the role that acts':
    case '*':
      return word;
    default:
      throw new Error(`infra/manifest.json grants on ${word}, which this stack does not know`);
  }
}

/** The same for all: what is wrong with the configuration, each function says by itself. */
function environmentOf({ stores, options }: Props): Record<string, string> {
  const secrets = MANIFEST.settings.secret
    .filter(({ name }) => options.secrets.includes(name))
    .map(({ name, field }) => [name, `secretsmanager:${stores.secret.secretArn}#${field}`]);
  return {
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    HEADROOM_RECORDS: `dynamodb:${stores.table.tableName}`,
    HEADROOM_QUEUE: `sqs:${stores.queue.queueUrl}`,
    HEADROOM_PAYLOADS: `s3:${stores.bucket.bucketName}`,
    HEADROOM_PARTITION: Stack.of(stores).partition,
    ...(options.settings === undefined ? {} : { HEADROOM_SETTINGS: 'headroom.json' }),
    ...Object.fromEntries(secrets),
    ...(readsWatched(options) ? { HEADROOM_WATCHED_ACCOUNTS: options.watchedAccounts.join(',') } : {}),
    ...options.environment,
  };
}

function everyMinute(scope: Construct, watch: lambda.Function): void {
  const role = new iam.Role(scope, 'ScheduleRole', {
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    description: 'Headroom: starts watch',
  });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [watch.functionArn] }));
  for (const { entry, aws } of MANIFEST.schedules)
    new scheduler.CfnSchedule(scope, `Schedule-${entry}`, {
      scheduleExpression: aws,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: watch.functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
      },
    });
}

/** Bounds what a flood at a public URL can take from the account; not by default, as small accounts have nothing to reserve. */
function reservedFor(entry: Entry, { reservedConcurrency }: Options): { reservedConcurrentExecutions?: number } {
  if (entry === 'work' || entry === 'watch') return {};
  const most = reservedConcurrency[entry];
  return most === undefined ? {} : { reservedConcurrentExecutions: most };
}

/** Names in the rule's own words what each wildcard is; any other one still fails the synthesis. */
function acknowledgeWildcards(role: iam.Role, entry: Entry, { bucket }: Stores): void {
  const beside = MANIFEST.permissions.aws[entry].some(({ on }) => on === '*');
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: `X-Ray takes no resource${beside ? '; nor do queries of metrics and logs, and lists of alarms and of mute rules' : ''}.`,
  });
  const cfnBucket = bucket.node.defaultChild;
  if (entry === 'read' || !(cfnBucket instanceof s3.CfnBucket)) return;
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${Stack.of(bucket).getLogicalId(cfnBucket)}.Arn>/*]`,
    reason: 'Names of payloads are hashes: the objects of this one bucket are what it is for.',
  });
}
