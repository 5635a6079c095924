import * as z from 'zod/mini';
import { DURATION, parseDurationMs } from './duration.ts';
import { alias, guid, resource, slo } from './named-schema.ts';
import { hours, route, text, timeZone } from './route-schema.ts';
import { parseScope } from './scope.ts';
import { Secret } from './secret.ts';
import { baseUrl, secretUrl } from './values.ts';

const SLACK_PERSON = /^T[A-Z0-9]+\/[UW][A-Z0-9]+$/;
const PERSON = /^(?:slack:T[A-Z0-9]+\/[UW][A-Z0-9]+|entra:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/;

const scope = () =>
  z
    .pipe(
      z
        .string()
        .check(
          z.refine(
            (value) => parseScope(value) !== undefined,
            'must be a subscription (GUID or ARM id), a resource group, a resource, an AWS account number, an ARN or the beginning of ARNs followed by *',
          ),
        ),
      z.transform((value) => parseScope(value) ?? value),
    )
    .check(z.describe('Subscription, resource group, resource, AWS account number, ARN, or ARN prefix followed by *.'));
const scopes = () => z.array(scope()).check(z.minLength(1), z.describe('Where this holds; everywhere when absent.'));

const time = () =>
  z
    .pipe(
      z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time with offset, as 2026-01-31T22:00:00+01:00' }),
      z.transform((value) => new Date(value).toISOString()),
    )
    .check(z.describe('RFC 3339 time with offset.'));

const inOrder = z.refine<{ from: string; to: string }>(({ from, to }) => from < to, {
  error: 'must be later than from',
  path: ['to'],
});

const maintenance = () =>
  z
    .strictObject({ from: time(), to: time(), scopes: z.exactOptional(scopes()), reason: z.exactOptional(text()) })
    .check(inOrder);

const approver = () =>
  z.strictObject({
    people: z
      .array(z.string().check(z.regex(PERSON, 'must be slack:<team>/<user> or entra:<object id>')))
      .check(
        z.minLength(1),
        z.describe('Platform ids: slack:T0123/U0456 or entra:<object id>; Teams knows people by the latter.'),
      ),
    actions: z.array(text()).check(z.minLength(1), z.describe('Ids of actions, or * for all.')),
    scopes: z.exactOptional(scopes()),
  });

const identity = () =>
  z
    .strictObject({
      slack: z.exactOptional(
        z
          .string()
          .check(
            z.regex(SLACK_PERSON, 'must be a Slack team and user id, as T0123/U0456'),
            z.describe('Team/user id.'),
          ),
      ),
      entra: z.exactOptional(guid().check(z.describe('Entra object id.'))),
      email: z.exactOptional(z.email('must be an e-mail address').check(z.describe('Verified e-mail address.'))),
    })
    .check(
      z.refine(
        ({ slack, entra, email }) =>
          (entra ?? email) !== undefined && [slack, entra, email].filter((id) => id !== undefined).length > 1,
        { error: 'must link two of slack, entra and email, one of them entra or email' },
      ),
    );

const plannedEvent = () =>
  z.strictObject({ name: text(), from: time(), to: time(), scopes: z.exactOptional(scopes()) }).check(inOrder);

const url = () =>
  z.pipe(
    z
      .string()
      .check(z.refine((value) => baseUrl(value).ok, 'must be a URL with https, without user name, query or fragment')),
    z.transform((value) => value.replace(/\/+$/, '')),
  );

const escalation = () =>
  z.pipe(
    z.strictObject({
      after: z
        .string()
        .check(
          z.regex(DURATION, 'must be a duration, as 15m or 2h'),
          z.describe('How long an incident may stay unacknowledged: 15m, 2h.'),
        ),
      webhook: z.exactOptional(
        z.string().check(
          z.refine((value) => secretUrl(value).ok, 'must be a URL with https'),
          z.describe('Called, beside PagerDuty where that is configured. Held as a secret.'),
        ),
      ),
    }),
    z.transform(({ after, webhook }) => ({
      afterMs: parseDurationMs(after) ?? 0,
      ...(webhook === undefined ? {} : { webhook: new Secret(webhook) }),
    })),
  );

const ACTION_GROUP =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]{1,90}\/providers\/microsoft\.insights\/actiongroups\/[^/]{1,260}$/;
const ALARM_ACTION = /^arn:aws(?:-us-gov|-cn)?:[a-z0-9-]+:[a-z0-9-]*:\d{12}:[^\p{Cc}\s]{1,512}$/u;

const actionGroup = () =>
  z.pipe(
    z
      .string()
      .check(
        z.refine(
          (value) => ACTION_GROUP.test(value.toLowerCase().replace(/\/+$/, '')),
          'must be the ARM id of an action group',
        ),
      ),
    z.transform((value) => value.toLowerCase().replace(/\/+$/, '')),
  );

const ours = () =>
  z.strictObject({
    actionGroups: z
      ._default(z.array(actionGroup()), [])
      .check(z.describe('ARM ids of action groups that call Headroom.')),
    alarmActions: z
      ._default(z.array(z.string().check(z.regex(ALARM_ACTION, 'must be the ARN of an alarm action'))), [])
      .check(
        z.describe('ARNs that alarms name as their action to reach Headroom: its topic, or its receive function.'),
      ),
  });

const canary = () =>
  z.pipe(
    z.strictObject({
      alarm: z.exactOptional(
        z
          .string()
          .check(
            z.minLength(1),
            z.maxLength(255),
            z.describe(
              'Name of our own CloudWatch alarm, which is set off every hour. On Azure the canary fires by itself.',
            ),
          ),
      ),
      lateAfter: z.exactOptional(
        z
          .string()
          .check(
            z.regex(DURATION, 'must be a duration, as 90m or 2h'),
            z.describe('When a canary is missed: 90m when absent.'),
          ),
      ),
    }),
    z.transform(({ alarm, lateAfter }) => ({
      ...(alarm === undefined ? {} : { alarm }),
      ...(lateAfter === undefined ? {} : { lateAfterMs: parseDurationMs(lateAfter) ?? 0 }),
    })),
  );

const peer = () =>
  z.strictObject({
    url: url().check(z.describe('Where the first region answers GET /api/incidents.')),
    audience: z.exactOptional(
      text().check(
        z.describe('Entra audience of its GET routes (its HEADROOM_READ_AUDIENCE), for the token that is asked for.'),
      ),
    ),
  });

const settings = () =>
  z.strictObject({
    $schema: z.exactOptional(z.string().check(z.describe('For editors; not read.'))),
    timeZone: z._default(timeZone().check(z.describe('IANA time zone.')), 'UTC'),
    routes: z
      ._default(z.array(route()), [])
      .check(z.describe('In order; the first that matches decides. When none does, every destination gets it.')),
    quietHours: z.exactOptional(hours().check(z.describe('When no one is mentioned, and routes may hold back.'))),
    maintenance: z
      ._default(z.array(maintenance()), [])
      .check(z.describe('Windows in which alerts are kept but not posted.')),
    approvers: z._default(z.array(approver()), []).check(z.describe('Who may approve which actions where.')),
    identities: z
      ._default(z.array(identity()), [])
      .check(z.describe('One person on several platforms; a second approver must be another person.')),
    scopes: z
      ._default(z.array(scope()), [])
      .check(
        z.describe('What may be looked into and acted on. None: on one machine everything, unverified; else nothing.'),
      ),
    snsTopics: z
      ._default(
        z.array(
          z
            .string()
            .check(
              z.regex(
                /^arn:aws(?:-us-gov|-cn)?:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/,
                'must be the ARN of a topic',
              ),
            ),
        ),
        [],
      )
      .check(z.describe('Topics whose subscriptions are confirmed and whose messages are taken.')),
    signInsWorkspaceId: z.exactOptional(
      guid().check(z.describe('Log Analytics workspace that Entra sends its sign-ins to; WORKSPACE_ID when absent.')),
    ),
    aliases: z
      ._default(z.record(z.string(), alias()), {})
      .check(z.describe('Names of callers by object id, app id or ARN.')),
    slos: z._default(z.array(slo()), []).check(z.describe('Objectives that error-budget burn is counted against.')),
    plannedEvents: z._default(z.array(plannedEvent()), []).check(z.describe('Known peaks, for the forecast.')),
    severity: z
      ._default(
        z.strictObject({
          share: z.exactOptional(
            z
              .number()
              .check(
                z.gt(0),
                z.lte(1),
                z.describe('Refused share of requests that makes an incident severe; 0.1 when absent.'),
              ),
          ),
        }),
        {},
      )
      .check(z.describe('When throttling is severe, beyond refusals in 3 of 5 minutes.')),
    storm: z
      ._default(
        z.strictObject({
          perMinute: z
            .int()
            .check(
              z.gte(1),
              z.lte(1_000),
              z.describe('New incidents a minute that each get a message; 20 when absent.'),
            ),
        }),
        { perMinute: 20 },
      )
      .check(z.describe('When more incidents open at one destination, they are told there in one summary.')),
    escalation: z.exactOptional(escalation().check(z.describe('Who is called when no one acknowledges.'))),
    ours: z.exactOptional(
      ours().check(
        z.describe('What marks an alert rule as one of ours: only such alerts are taken up when they never arrive.'),
      ),
    ),
    canary: z.exactOptional(canary().check(z.describe('Expected every hour; absent: none is expected.'))),
    peer: z.exactOptional(peer().check(z.describe('The first region, seen from the second.'))),
    resources: z
      ._default(z.record(z.string(), resource()), {})
      .check(z.describe('What is known of a resource, by its id.')),
  });

let built: ReturnType<typeof settings> | undefined;

/**
 * `headroom.json`, as a person writes it. Unknown keys are refused everywhere. Built at its first use, and once: that is a
 * tenth of the time that a function needs to be ready.
 */
export function settingsSchema(): ReturnType<typeof settings> {
  built ??= settings();
  return built;
}

/** `headroom.json` as the product uses it: defaults filled in, times normalised, durations in ms, the webhook a `Secret`. */
export type Settings = z.output<ReturnType<typeof settings>>;
