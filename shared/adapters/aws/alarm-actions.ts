import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AwsCall } from './calls.ts';

const PAGE_ALARMS = 100;
/** 2,000 alarms that call one topic. */
const MAX_PAGES = 20;

/** Alarms that name an action of theirs: how many do it, and the names of those whose actions are switched off. */
export async function countAlarms(
  { client, call }: { client: CloudWatchClient; call: AwsCall },
  action: string,
): Promise<{ action: string; enabled: number; disabled: string[] }> {
  const disabled: string[] = [];
  let [enabled, token]: [number, string | undefined] = [0, undefined];
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const command: DescribeAlarmsCommand = new DescribeAlarmsCommand({
      ActionPrefix: action,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: PAGE_ALARMS,
      NextToken: token,
    });
    const answer = await call('listing the alarms that call Headroom', (ends) =>
      client.send(command, { abortSignal: ends }),
    );
    // A prefix finds longer ARNs as well.
    const own = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].filter(({ AlarmActions = [] }) =>
      AlarmActions.includes(action),
    );
    for (const { ActionsEnabled, AlarmName = '' } of own) {
      if (ActionsEnabled === false) disabled.push(AlarmName);
      else enabled += 1;
    }
    token = answer.NextToken;
    if (token === undefined) break;
  }
  return { action, enabled, disabled };
}
