import * as z from 'zod/mini';
import type { ParseResult } from '../../model.ts';
import { BOUNDS } from '../bounds.ts';
import { type Fields, fieldsOf, jsonFieldsOf, listOf, textOf } from '../read.ts';
import { refuseIssues } from '../refuse.ts';
import type { AlarmChange } from './change.ts';

const text = z.nullish(z.string());
const loose = z.optional(z.unknown());

const AlarmData = z.object({
  alarmName: text,
  state: z.object({ value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']), reason: loose, timestamp: loose }),
  previousState: loose,
  configuration: loose,
});

/**
 * The action that invokes a Lambda function.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html (read 2026-11-20)
 */
const DirectAlarm = z.object({
  alarmArn: z.string().check(z.minLength(1), z.maxLength(BOUNDS.idCharacters)),
  accountId: text,
  time: loose,
  alarmData: AlarmData,
});

/**
 * The event on EventBridge.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html (read 2026-11-20)
 */
const EventBridgeAlarm = z.object({
  resources: z.array(z.string().check(z.maxLength(BOUNDS.idCharacters))).check(z.minLength(1), z.maxLength(10)),
  account: text,
  time: loose,
  detail: AlarmData,
});

type Read = AlarmChange | Extract<ParseResult, { ok: false }>;

/** The change in a direct Lambda invocation. */
export function readDirectAlarm(body: unknown, product: string): Read {
  const checked = DirectAlarm.safeParse(body);
  if (!checked.success) return refuseIssues(product, checked.error);
  const { alarmArn, accountId, time } = checked.data;
  return changeOf(fieldsOf(fieldsOf(body)['alarmData']), checked.data.alarmData, alarmArn, accountId, time, body);
}

/** The change in an EventBridge event. */
export function readEventBridgeAlarm(body: unknown, product: string, prefix = ''): Read {
  const checked = EventBridgeAlarm.safeParse(body);
  if (!checked.success) return refuseIssues(product, checked.error, prefix);
  const { resources, account, time } = checked.data;
  return changeOf(fieldsOf(fieldsOf(body)['detail']), checked.data.detail, resources[0] ?? '', account, time, body);
}

function changeOf(
  data: Fields,
  { alarmName, state }: z.infer<typeof AlarmData>,
  arn: string,
  accountId: string | null | undefined,
  envelopeTimestamp: unknown,
  body: unknown,
): AlarmChange {
  const rawState = fieldsOf(data['state']);
  const previous = fieldsOf(data['previousState']);
  const configuration = fieldsOf(data['configuration']);
  const reasonData = jsonFieldsOf(rawState['reasonData']);
  return {
    arn,
    name: alarmName ?? undefined,
    accountId: accountId ?? undefined,
    state: state.value,
    stateTimestamp: state.timestamp,
    envelopeTimestamp,
    previousState: textOf(previous['value']),
    previousTimestamp: previous['timestamp'],
    reason: textOf(state.reason, BOUNDS.descriptionCharacters),
    reasonData,
    description: textOf(configuration['description'], BOUNDS.descriptionCharacters),
    suppressedBy: textOf(rawState['actionsSuppressedBy']),
    suppressedReason: textOf(rawState['actionsSuppressedReason']),
    metrics: listOf(configuration['metrics']).slice(0, MAX_QUERIES).map(fieldsOf),
    operator: undefined,
    threshold: undefined,
    period: reasonData['period'],
    alarmRule: textOf(configuration['alarmRule'], BOUNDS.metricCharacters),
    children: listOf(reasonData['triggeringAlarms']).slice(0, BOUNDS.signals).map(fieldsOf),
    tags: data['alarmTags'] ?? fieldsOf(body)['alarmTags'],
  };
}

/** Metric queries of one alarm; CloudWatch allows 20 (read 2026-11-20), and one more carries the expression. */
export const MAX_QUERIES = 24;
