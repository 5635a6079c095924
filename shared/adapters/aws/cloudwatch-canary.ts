import { type CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { CanaryAlarm } from '../../ports.ts';
import type { AwsCall } from './calls.ts';

/** What the role of this process needs, on that alarm alone. */
export const permissions = {
  iam: [{ actions: ['cloudwatch:SetAlarmState'], resources: ['the canary alarm'] }],
} as const;

/**
 * Our own alarm, set off by hand: CloudWatch puts it back at its next evaluation. It is set to OK first, since an alarm that
 * still stands in ALARM would notify nobody.
 *
 * @param options.alarm name of the alarm, whose description says `headroom_canary=true`
 */
export function createCanaryAlarm(options: { client: CloudWatchClient; call: AwsCall; alarm: string }): CanaryAlarm {
  const { client, call, alarm } = options;
  const set = (state: 'OK' | 'ALARM', reason: string, signal: AbortSignal | undefined) =>
    call('setting off the canary alarm', (ends) => {
      const command = new SetAlarmStateCommand({ AlarmName: alarm, StateValue: state, StateReason: reason });
      return client.send(command, { abortSignal: signal === undefined ? ends : AbortSignal.any([ends, signal]) });
    });
  return {
    async setOff(at, signal) {
      await set('OK', 'Headroom makes its canary ready', signal);
      await set('ALARM', `Headroom sets off its canary at ${at}`, signal);
    },
  };
}
