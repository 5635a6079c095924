import * as z from 'zod/mini';
import type { ParseResult } from '../../model.ts';
import { BOUNDS } from '../bounds.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../read.ts';
import { refuseIssues } from '../refuse.ts';
import { parseArn } from '../resource.ts';
import type { AlarmChange } from './change.ts';
import { MAX_QUERIES } from './state-event.ts';

const text = z.nullish(z.string());
const loose = z.optional(z.unknown());

/**
 * The message of an alarm's SNS notification. `Region` is a display name ("US East (N. Virginia)"), so the region is
 * taken from the ARN.
 */
const AlarmMessage = z.object({
  AlarmName: z.string().check(z.minLength(1)),
  AlarmArn: z.nullish(z.string().check(z.maxLength(BOUNDS.idCharacters))),
  AWSAccountId: text,
  NewStateValue: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
  NewStateReason: loose,
  StateChangeTime: loose,
  OldStateValue: loose,
  AlarmDescription: loose,
  AlarmRule: loose,
  AlarmTags: loose,
  TriggeringChildren: loose,
  Trigger: loose,
});

type Message = z.infer<typeof AlarmMessage>;

/**
 * The change in the message of one notification.
 *
 * @param prefix where the message stands in the body
 */
export function readAlarmMessage(
  message: unknown,
  notification: Fields,
  product: string,
  prefix: string,
): AlarmChange | Extract<ParseResult, { ok: false }> {
  const checked = AlarmMessage.safeParse(message);
  if (!checked.success) return refuseIssues(product, checked.error, prefix);
  const data = checked.data;
  const trigger = fieldsOf(data.Trigger);
  const suppression = fieldsOf(message);
  return {
    arn: data.AlarmArn || arnFromTopic(notification['TopicArn'], data),
    name: data.AlarmName,
    accountId: data.AWSAccountId ?? undefined,
    state: data.NewStateValue,
    stateTimestamp: data.StateChangeTime,
    envelopeTimestamp: notification['Timestamp'],
    previousState: textOf(data.OldStateValue),
    previousTimestamp: undefined,
    reason: textOf(data.NewStateReason, BOUNDS.descriptionCharacters),
    reasonData: fieldsOf(undefined),
    description: textOf(data.AlarmDescription, BOUNDS.descriptionCharacters),
    suppressedBy: textOf(suppression['ActionsSuppressedBy']),
    suppressedReason: textOf(suppression['ActionsSuppressedReason']),
    metrics: queriesOf(trigger),
    operator: trigger['ComparisonOperator'],
    threshold: trigger['Threshold'],
    period: trigger['Period'],
    alarmRule: textOf(data.AlarmRule, BOUNDS.metricCharacters),
    children: listOf(data.TriggeringChildren).slice(0, BOUNDS.signals).map(fieldsOf),
    tags: data.AlarmTags,
  };
}

/** The ARN of an alarm in old messages that lack it: the topic lies in the alarm's partition, region and account. */
function arnFromTopic(topicArn: unknown, { AlarmName, AWSAccountId }: Message): string {
  const topic = parseArn(topicArn);
  const partition = topic?.id.split(':')[1] ?? 'aws';
  const account = AWSAccountId ?? topic?.scope ?? '';
  return `arn:${partition}:cloudwatch:${topic?.region ?? ''}:${account}:alarm:${AlarmName}`;
}

/** Metric queries of the trigger; that of a single metric is written as a query. */
function queriesOf(trigger: Fields): readonly Fields[] {
  if (Array.isArray(trigger['Metrics'])) return listOf(trigger['Metrics']).slice(0, MAX_QUERIES).map(fieldsOf);
  if (trigger['MetricName'] === undefined) return [];
  const { MetricName, Namespace, Dimensions, Period, Statistic, ExtendedStatistic } = trigger;
  return [
    {
      ReturnData: true,
      MetricStat: { Metric: { MetricName, Namespace, Dimensions }, Period, Stat: Statistic ?? ExtendedStatistic },
    },
  ];
}
