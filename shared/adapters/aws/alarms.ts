import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { AlertReadBack, CanaryAlarm, ControlPlane, FiringAlerts } from '../../ports.ts';
import { countAlarms } from './alarm-actions.ts';
import { createAlarmReadBack } from './alarm-read-back.ts';
import { type CallLimits, createAwsCalls } from './calls.ts';
import { clientOptions } from './client-options.ts';
import { createCloudWatchAlarms } from './cloudwatch-alarms.ts';
import { createCanaryAlarm } from './cloudwatch-canary.ts';
import { createMuteRules } from './mute-rule.ts';
import { serverTime } from './server-time.ts';

type Options = {
  /** Base URL in place of AWS's own. */
  endpoint?: string | undefined;
  limits?: CallLimits;
};

/** What fires in the account and region of this process, reached with its role. */
export function openAlarms(alarmActions: readonly string[], options: Options = {}): FiringAlerts {
  return createCloudWatchAlarms({ ...reach(options), alarmActions });
}

/** How many alarms of the account and region of whoever is signed in call each of these actions. */
export function openAlarmActions(alarmActions: readonly string[], options: Options = {}) {
  const reached = reach(options);
  return () => Promise.all(alarmActions.map((action) => countAlarms(reached, action)));
}

/** What the clock of CloudWatch says, asked as whoever is signed in. */
export function openServerTime(options: Options = {}): () => Promise<number> {
  const reached = reach(options);
  return () => serverTime(reached);
}

/** Whether the account and region of this process have an alarm. */
export function openAlarmReadBack(options: Options = {}): AlertReadBack {
  return createAlarmReadBack(reach(options));
}

/** @param alarm name of the canary alarm */
export function openCanaryAlarm(alarm: string, options: Options = {}): CanaryAlarm {
  return createCanaryAlarm({ ...reach(options), alarm });
}

/** Mutes alarms of the account and region of this process, with its role; nothing where actions are off. */
export function openMuteRules({ actions }: { actions: 'on' | 'off' }, options: Options = {}): ControlPlane[] {
  return actions === 'off' ? [] : [createMuteRules(reach(options))];
}

function reach({ endpoint, limits = {} }: Options) {
  return { client: new CloudWatchClient(clientOptions(endpoint, limits)), call: createAwsCalls('cloudwatch', limits) };
}
