import { type Answered, type FaultyServer, type Received, startFaultyServer } from './faulty-server.ts';

/** An alarm as DescribeAlarms gives it; times are epoch seconds. */
export type KeptAlarm = {
  AlarmName: string;
  StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  [name: string]: unknown;
};

export type CloudWatchServer = Pick<FaultyServer, 'origin' | 'received' | 'faults' | 'weather' | 'close'> & {
  metricAlarms: KeptAlarm[];
  compositeAlarms: KeptAlarm[];
  /** Names of alarms that an active mute rule covers. */
  muted: Set<string>;
  /** What SetAlarmState was asked for, in order. */
  set: { alarm: string; state: string; reason: string }[];
  /** Alarm mute rules as they were put, by name. */
  muteRules: Map<string, Input>;
  /** Operations that changed a mute rule. */
  muteChanges: string[];
};

type Kept = Pick<CloudWatchServer, 'metricAlarms' | 'compositeAlarms' | 'muted' | 'set' | 'muteRules' | 'muteChanges'>;
type Input = Record<string, unknown>;

/**
 * The operations on alarms of CloudWatch in AWS JSON 1.0; signatures are not checked. Pages are cut by `MaxRecords`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export async function startCloudWatch(): Promise<CloudWatchServer> {
  const kept: Kept = {
    metricAlarms: [],
    compositeAlarms: [],
    muted: new Set(),
    set: [],
    muteRules: new Map(),
    muteChanges: [],
  };
  const { origin, received, faults, weather, close } = await startFaultyServer((request) => answer(request, kept));
  return Object.assign(kept, { origin, received, faults, weather, close });
}

function answer({ headers, body }: Received, kept: Kept): Answered {
  const [, operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  const input = inputOf(body);
  if (operation === 'DescribeAlarms') return json(200, describe(input, kept));
  if (operation === 'SetAlarmState') return setState(input, kept);
  if (operation === 'ListAlarmMuteRules') {
    const isMuted = kept.muted.has(String(input['AlarmName']));
    const rule = {
      AlarmMuteRuleArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm-mute-rule:night',
      Status: 'ACTIVE',
    };
    return json(200, { AlarmMuteRuleSummaries: isMuted ? [rule] : [] });
  }
  return muteRule(operation, input, kept);
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html */
function muteRule(operation: string, input: Input, { muteRules, muteChanges }: Kept): Answered {
  const name = String(input['AlarmMuteRuleName'] ?? input['Name']);
  if (operation === 'PutAlarmMuteRule') {
    muteRules.set(name, input);
    muteChanges.push(`put ${name}`);
    return json(200, {});
  }
  const rule = muteRules.get(name);
  if (operation === 'GetAlarmMuteRule')
    return rule ? json(200, rule) : json(404, { __type: 'ResourceNotFoundException', message: 'no such rule' });
  if (operation === 'DeleteAlarmMuteRule') {
    muteRules.delete(name);
    muteChanges.push(`delete ${name}`);
    return json(200, {});
  }
  return json(400, { __type: 'InvalidAction', message: 'not simulated' });
}

function inputOf(body: string): Input {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}

function describe({ StateValue, AlarmTypes, ActionPrefix, MaxRecords, NextToken }: Input, kept: Kept): unknown {
  const types = Array.isArray(AlarmTypes) ? AlarmTypes : ['MetricAlarm'];
  const all = [
    ...(types.includes('MetricAlarm') ? kept.metricAlarms.map((alarm) => ['MetricAlarms', alarm] as const) : []),
    ...(types.includes('CompositeAlarm')
      ? kept.compositeAlarms.map((alarm) => ['CompositeAlarms', alarm] as const)
      : []),
  ]
    .filter(([, alarm]) => StateValue === undefined || alarm.StateValue === StateValue)
    .filter(([, alarm]) => ActionPrefix === undefined || callsOne(alarm, String(ActionPrefix)));
  const from = Number(NextToken ?? 0);
  const to = from + Number(MaxRecords ?? 50);
  const page = all.slice(from, to);
  const of = (kind: string): KeptAlarm[] => page.filter(([known]) => known === kind).map(([, alarm]) => alarm);
  return {
    MetricAlarms: of('MetricAlarms'),
    CompositeAlarms: of('CompositeAlarms'),
    ...(to < all.length ? { NextToken: String(to) } : {}),
  };
}

function callsOne({ AlarmActions }: KeptAlarm, prefix: string): boolean {
  return Array.isArray(AlarmActions) && AlarmActions.some((action) => String(action).startsWith(prefix));
}

function setState({ AlarmName, StateValue, StateReason }: Input, kept: Kept): Answered {
  const alarm = kept.metricAlarms.find((known) => known.AlarmName === AlarmName);
  if (!alarm) return json(404, { __type: 'ResourceNotFound', message: 'no such alarm' });
  kept.set.push({ alarm: alarm.AlarmName, state: String(StateValue), reason: String(StateReason) });
  return json(200, {});
}

function json(status: number, body: unknown): Answered {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}
