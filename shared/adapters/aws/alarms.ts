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
import type { AwsCredentials } from './taken-role.ts';
import type { WatchedAccounts } from './watched-accounts.ts';

type Options = {
  /** Base URL in place of AWS's own. */
  endpoint?: string | undefined;
  limits?: CallLimits;
  /** Absent: those of this process. */
  credentials?: AwsCredentials | undefined;
};

/** What fires in the account and region of this process, or of whoever the options name, reached with the role there. */
export function openAlarms(alarmActions: readonly string[], options: Options = {}): FiringAlerts {
  return createCloudWatchAlarms({ ...reach(options), alarmActions });
}

/** The same for this account and each watched one; none where no actions are named. */
export function openAlarmsOfAll(
  alarmActions: readonly string[],
  options: Options,
  watched: WatchedAccounts,
): FiringAlerts[] {
  if (alarmActions.length === 0) return [];
  const others = [...watched].map(([account, credentials]) => ({
    ...openAlarms(alarmActions, { ...options, credentials }),
    name: `aws ${account}`,
  }));
  return [openAlarms(alarmActions, options), ...others];
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

const ACCOUNT_OF = /^arn:[a-z-]+:cloudwatch:[a-z0-9-]*:(\d{12}):/;

/** Whether this region has an alarm, in the account of this process or in the watched one that its ARN names. */
export function openAlarmReadBack(options: Options = {}, watched: WatchedAccounts = new Map()): AlertReadBack {
  const own = createAlarmReadBack(reach(options));
  const others = new Map(
    [...watched].map(([account, credentials]) => [account, createAlarmReadBack(reach({ ...options, credentials }))]),
  );
  return {
    ...own,
    read: (reference, signal) => (others.get(ACCOUNT_OF.exec(reference)?.[1] ?? '') ?? own).read(reference, signal),
  };
}

/** @param alarm name of the canary alarm */
export function openCanaryAlarm(alarm: string, options: Options = {}): CanaryAlarm {
  return createCanaryAlarm({ ...reach(options), alarm });
}

/**
 * Mutes alarms of the account and region of whoever the options name: the role that acts. Nothing where actions are off.
 *
 * @param choices.actorRole HEADROOM_ACTOR_ROLE, for the command that grants what is missing
 */
export function openMuteRules(
  { actions, actorRole }: { actions: 'on' | 'off'; actorRole?: string | undefined },
  options: Options = {},
): ControlPlane[] {
  return actions === 'off' ? [] : [createMuteRules({ ...reach(options), actor: actorRole })];
}

function reach({ endpoint, limits = {}, credentials }: Options) {
  const options = { ...clientOptions(endpoint, limits), ...(credentials === undefined ? {} : { credentials }) };
  return { client: new CloudWatchClient(options), call: createAwsCalls('cloudwatch', limits) };
}
