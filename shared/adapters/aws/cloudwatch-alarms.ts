import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  ListAlarmMuteRulesCommand,
  type MetricAlarm,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { isHeadroomError } from '../../errors.ts';
import type { FiringAlert, FiringAlerts } from '../../ports.ts';
import type { AwsCall } from './calls.ts';

/** Alarms of one page, the service's most. */
const PAGE_ALARMS = 100;

/** Alarms in ALARM that are looked through in one run: 5,000. */
const MAX_PAGES = 50;

/** Alarms in one run, since each is asked for its mute rules; the others are looked at in the next. */
const MAX_LISTED = 100;

/** What the role of this process needs; alarms and mute rules cannot be told apart by resource in a list. */
export const permissions = {
  iam: [{ actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListAlarmMuteRules'], resources: ['*'] }],
} as const;

type Alarm = { metric: MetricAlarm; composite?: never } | { composite: CompositeAlarm; metric?: never };
type Mark = { name: string; value: string };

/**
 * The alarms in ALARM of the client's account and region, in the form in which EventBridge tells of their change: with the
 * same ARN, state and time, so that the source gives them the same alert id as the notification.
 *
 * @param options.alarmActions ARNs of ours: mute rules are asked for only where an alarm names one
 */
export function createCloudWatchAlarms(options: {
  client: CloudWatchClient;
  call: AwsCall;
  alarmActions: readonly string[];
}): FiringAlerts {
  const { client, call, alarmActions } = options;

  async function page(token: string | undefined, signal: AbortSignal | undefined) {
    const command = new DescribeAlarmsCommand({
      StateValue: 'ALARM',
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: PAGE_ALARMS,
      NextToken: token,
    });
    return call('listing the alarms in ALARM', (ends) => client.send(command, { abortSignal: either(ends, signal) }));
  }

  async function isMuted(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    const command = new ListAlarmMuteRulesCommand({ AlarmName: name, Statuses: ['ACTIVE'], MaxRecords: 1 });
    try {
      const { AlarmMuteRuleSummaries: rules = [] } = await call('listing mute rules', (ends) =>
        client.send(command, { abortSignal: either(ends, signal) }),
      );
      return rules.length > 0;
    } catch (error) {
      // Regions and partitions that have no mute rules yet do not know the question.
      if (isHeadroomError(error) && error.kind === 'invalid') return false;
      throw error;
    }
  }

  /** All that is ours, oldest first. */
  async function ours(
    mark: Mark,
    signal: AbortSignal | undefined,
  ): Promise<{ alerts: FiringAlert[]; complete: boolean }> {
    const alerts: FiringAlert[] = [];
    let token: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const { MetricAlarms = [], CompositeAlarms = [], NextToken } = await page(token, signal);
      const found = [
        ...MetricAlarms.map((metric) => firingOf({ metric }, mark)),
        ...CompositeAlarms.map((composite) => firingOf({ composite }, mark)),
      ];
      for (const alert of found)
        if (alert?.notifies.some((action) => alarmActions.includes(action))) alerts.push(alert);
      token = NextToken;
      if (token === undefined) break;
    }
    return { alerts: alerts.toSorted((a, b) => (a.firedAt < b.firedAt ? -1 : 1)), complete: token === undefined };
  }

  return {
    name: 'aws',
    async list({ since, limit, mark }, signal) {
      const { alerts, complete } = await ours(mark, signal);
      const recent = alerts.filter(({ firedAt }) => firedAt >= since);
      const listed = recent.slice(0, Math.min(limit, MAX_LISTED));
      for (const alert of listed)
        if (alert.suppressed === undefined && (await isMuted(alert.rule, signal)))
          alert.suppressed = 'an alarm mute rule is active';
      return { alerts: listed, complete: complete && listed.length === recent.length };
    },
  };
}

function either(ends: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? ends : AbortSignal.any([ends, signal]);
}

/** @returns null for an alarm without name, ARN or time */
function firingOf(alarm: Alarm, mark: Mark): FiringAlert | null {
  const { AlarmArn: arn, AlarmName: name, AlarmActions: actions = [] } = alarm.metric ?? alarm.composite;
  const changedAt = changedAtOf(alarm);
  if (arn === undefined || name === undefined || changedAt === undefined) return null;
  const suppressed = suppressionOf(alarm);
  return {
    source: 'cloudwatch',
    body: bodyOf(alarm, { arn, name, changedAt, mark }),
    rule: name,
    firedAt: changedAt.toISOString(),
    notifies: actions,
    ...(suppressed === undefined ? {} : { suppressed }),
  };
}

/**
 * The time that the notification carries. A metric alarm's state is updated again while it stays in ALARM; a composite one
 * notifies at its last update, which a suppressor may have put off.
 */
function changedAtOf({ metric, composite }: Alarm): Date | undefined {
  if (composite) return composite.StateUpdatedTimestamp ?? composite.StateTransitionedTimestamp;
  return metric.StateTransitionedTimestamp ?? metric.StateUpdatedTimestamp;
}

function suppressionOf({ metric, composite }: Alarm): string | undefined {
  if ((metric ?? composite).ActionsEnabled === false) return 'its actions are switched off';
  return composite?.ActionsSuppressedBy === undefined
    ? undefined
    : `its actions are suppressed by its ${composite.ActionsSuppressedBy}`;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
function bodyOf(alarm: Alarm, told: { arn: string; name: string; changedAt: Date; mark: Mark }): unknown {
  const { metric, composite } = alarm;
  const { AlarmDescription, StateReason, StateReasonData } = metric ?? composite;
  const [, , , region, account] = told.arn.split(':');
  const timestamp = told.changedAt.toISOString();
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    region,
    time: timestamp,
    resources: [told.arn],
    detail: {
      alarmName: told.name,
      state: { value: 'ALARM', reason: StateReason, reasonData: StateReasonData, timestamp },
      configuration: {
        description: AlarmDescription,
        ...(composite ? { alarmRule: composite.AlarmRule } : { metrics: queriesOf(metric) }),
      },
      alarmTags: { [told.mark.name]: told.mark.value },
    },
  };
}

function queriesOf(alarm: MetricAlarm): unknown[] {
  if (alarm.Metrics && alarm.Metrics.length > 0) return alarm.Metrics.map(queryOf);
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = alarm;
  return [
    queryOf({
      Id: 'm1',
      MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat: Statistic ?? ExtendedStatistic },
      ReturnData: true,
    }),
  ];
}

/** Events write names in lower case and dimensions as an object. */
function queryOf({ Id, Expression, Label, MetricStat, ReturnData, Period, AccountId }: MetricDataQuery): unknown {
  const { Metric, Stat, Period: statPeriod } = MetricStat ?? {};
  const dimensions = Object.fromEntries((Metric?.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  return {
    id: Id,
    expression: Expression,
    label: Label,
    period: Period,
    accountId: AccountId,
    returnData: ReturnData ?? true,
    ...(MetricStat
      ? {
          metricStat: {
            metric: { namespace: Metric?.Namespace, name: Metric?.MetricName, dimensions },
            period: statPeriod,
            stat: Stat,
          },
        }
      : {}),
  };
}
