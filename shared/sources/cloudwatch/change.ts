import type { Fields } from '../read.ts';

type AlarmState = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';

/** One change of state of one alarm, the same whatever envelope brought it. */
export type AlarmChange = {
  arn: string;
  name: string | undefined;
  accountId: string | undefined;
  state: AlarmState;
  /** When the state changed, as sent; the three envelopes of one change agree on it. */
  stateTimestamp: unknown;
  /** Moment of the envelope itself, for a change without a usable timestamp. */
  envelopeTimestamp: unknown;
  previousState: string | undefined;
  /** SNS does not tell it. */
  previousTimestamp: unknown;
  reason: string | undefined;
  /** Evaluation of the alarm; empty when missing (SetAlarmState), when no valid JSON, and always in SNS. */
  reasonData: Fields;
  description: string | undefined;
  suppressedBy: string | undefined;
  suppressedReason: string | undefined;
  /** Metric queries as they come; empty for composite alarms. */
  metrics: readonly Fields[];
  /** Only SNS tells how the alarm compares. */
  operator: unknown;
  threshold: unknown;
  /** Seconds over which the alarm evaluates, where it says so apart from its metrics. */
  period: unknown;
  /** Rule of a composite alarm. */
  alarmRule: string | undefined;
  /** Alarms that made a composite alarm change. */
  children: readonly Fields[];
  /** Sent only for alarms whose tags are propagated. */
  tags: unknown;
};
