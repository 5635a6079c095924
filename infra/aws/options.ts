import * as z from 'zod/mini';
import MANIFEST from '../manifest.json' with { type: 'json' };

/** Names of other tools that a function may be given beside Headroom's own. */
const FOREIGN = /^(?:OTEL|AZURE|APPLICATIONINSIGHTS)_[A-Z0-9_]+$/;

/** Set by the stack itself from what it makes. */
const OWN = new Set([
  'HEADROOM_RECORDS',
  'HEADROOM_QUEUE',
  'HEADROOM_PAYLOADS',
  'HEADROOM_SETTINGS',
  'HEADROOM_PARTITION',
  'HEADROOM_ACTOR_ROLE',
]);

const SECRETS: readonly string[] = MANIFEST.settings.secret.map(({ name }) => name);
const PLAIN: readonly string[] = MANIFEST.settings.plain;

const account = () => z.string().check(z.regex(/^\d{12}$/, 'must be an AWS account number'));

const plainName = z
  .string()
  .check(
    z.refine(
      (name) => FOREIGN.test(name) || (PLAIN.includes(name) && !OWN.has(name)),
      'must be a name of docs/configuration.md that is no secret and that the stack does not set, or OTEL_…, AZURE_…',
    ),
  );

const secretName = z
  .string()
  .check(z.refine((name) => SECRETS.includes(name), 'must be one of the names marked S in docs/configuration.md'));

const runnerLogs = z.strictObject({
  logGroup: z.string().check(z.minLength(1), z.describe('Log group of the runner managers, JSON lines.')),
  shardField: z._default(z.string().check(z.startsWith('$.', 'must be a field of the line, as $.shard')), '$.shard'),
  shards: z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(50)),
});

/** What `cdk.json` says under `context.headroom`. */
const OPTIONS = z.strictObject({
  email: z.exactOptional(z.email('must be an e-mail address').check(z.describe('Is told when Headroom is silent.'))),
  settings: z.exactOptional(z.string().check(z.describe('Path of headroom.json, shipped with each function.'))),
  environment: z._default(z.record(plainName, z.string()), {}),
  secrets: z._default(z.array(secretName), ['HEADROOM_ALERT_TOKEN']),
  watchedAccounts: z._default(z.array(account()), []),
  alarmNamePrefixes: z._default(z.array(z.string().check(z.minLength(1))), []),
  firstRegionReaderArn: z.exactOptional(
    z
      .string()
      .check(
        z.regex(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+$/, 'must be the ARN of a function'),
        z.describe('Of a second region: the function `read` of the first, whose URL settings.peer names.'),
      ),
  ),
  secondRegionRoles: z._default(
    z.array(
      z
        .string()
        .check(
          z.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a role'),
          z.describe('Of a first region: the roles of a second one in another account, its output AsksTheFirst.'),
        ),
    ),
    [],
  ),
  health: z._default(z.boolean(), false),
  runnerLogs: z._default(z.array(runnerLogs), []),
  trailLogGroup: z.exactOptional(z.string().check(z.minLength(1))),
  thresholds: z._default(
    z.strictObject({
      noRoleLines: z._default(z.int().check(z.gte(1)), 5),
      stsThrottles: z._default(z.int().check(z.gte(1)), 10),
    }),
    { noRoleLines: 5, stsThrottles: 10 },
  ),
  reservedConcurrency: z._default(
    z.strictObject({
      receive: z.exactOptional(z.int().check(z.gte(1))),
      chat: z.exactOptional(z.int().check(z.gte(1))),
      read: z.exactOptional(z.int().check(z.gte(1))),
    }),
    {},
  ),
  logRetentionDays: z._default(z.literal([7, 14, 30, 90]), 30),
});

export type Options = z.infer<typeof OPTIONS>;

/** @throws Error that lists everything that is wrong, each with its path */
export function readOptions(given: unknown): Options {
  const read = z.safeParse(OPTIONS, given ?? {});
  if (read.success) return read.data;
  const problems = read.error.issues.flatMap(problemsOf).map((problem) => `context.headroom${problem}`);
  throw new Error(`cdk.json is wrong:\n${problems.join('\n')}`);
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map((part) => `.${String(part)}`).join('');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${path}.${key}: is not known`);
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => `${path}: ${message}`);
  return [`${path}: ${issue.message}`];
}
