import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { HeadroomError } from '../../errors.ts';
import type { AlertReadBack } from '../../ports.ts';
import type { AwsCall } from './calls.ts';

/** What the role of this process needs; a list of alarms cannot be narrowed by resource. */
export const permissions = { iam: [{ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }] } as const;

const ALARM = /^arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):\d{12}:alarm:(.+)$/u;

/**
 * Asks CloudWatch whether it has an alarm of this ARN, and when its state last changed. It does not say which resource the
 * alarm is about: that follows from the dimensions of its metric, as the payload gives them.
 */
export function createAlarmReadBack(options: { client: CloudWatchClient; call: AwsCall }): AlertReadBack {
  const { client, call } = options;
  return {
    source: 'cloudwatch',
    async read(reference, signal) {
      const [, region = '', name] = ALARM.exec(reference) ?? [];
      if (name === undefined) return null;
      const own = await client.config.region();
      if (region !== own)
        throw new HeadroomError('denied', `the alarm lies in ${region}, and this installation asks ${own}`, {
          nextStep: `send alarms of ${region} to an installation there`,
        });
      const command = new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
      const { MetricAlarms = [], CompositeAlarms = [] } = await call('reading an alarm back from CloudWatch', (ends) =>
        client.send(command, { abortSignal: signal === undefined ? ends : AbortSignal.any([ends, signal]) }),
      );
      const alarm = [...MetricAlarms, ...CompositeAlarms].find(({ AlarmArn }) => AlarmArn === reference);
      if (!alarm) return null;
      const changes = [alarm.StateUpdatedTimestamp, alarm.StateTransitionedTimestamp].map((at) => at?.getTime() ?? 0);
      return { resources: [], changedAt: new Date(Math.max(...changes)).toISOString() };
    },
  };
}
