import {
  type CloudWatchClient,
  DeleteAlarmMuteRuleCommand,
  GetAlarmMuteRuleCommand,
  PutAlarmMuteRuleCommand,
} from '@aws-sdk/client-cloudwatch';
import * as z from 'zod/mini';
import { asHeadroomError, HeadroomError, isHeadroomError } from '../../errors.ts';
import type { ControlState, ControlTarget } from '../../model.ts';
import type { ControlPlane } from '../../ports.ts';
import type { AwsCall } from './calls.ts';
import { codeOf } from './failure.ts';

/** Rules of our own name alone. */
const RULE = /^headroom-[a-z0-9]{4,40}$/;
const DESIRED = z.object({ alarms: z.array(z.string()), from: z.string(), minutes: z.int() });

/** What the role that acts needs; a mute rule is put on itself and on each alarm that it mutes. */
export const permissions = {
  iam: [
    {
      actions: ['cloudwatch:GetAlarmMuteRule', 'cloudwatch:PutAlarmMuteRule', 'cloudwatch:DeleteAlarmMuteRule'],
      resources: ['*'],
    },
  ],
} as const;

/**
 * Alarm mute rules of the client's account and region: once, for so many minutes. An alarm that is muted goes on being
 * evaluated. The service knows no condition, so the rule is read right before it is changed.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
 */
export function createMuteRules({
  client,
  call,
  actor,
}: {
  client: CloudWatchClient;
  call: AwsCall;
  /** ARN of the role that acts, for the command that grants what is missing. */
  actor?: string | undefined;
}): ControlPlane {
  const either = (ends: AbortSignal, signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? ends : AbortSignal.any([ends, signal]);

  async function asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw withGrant(asHeadroomError(error, 'bug', 'an alarm mute rule could not be asked for'), actor);
    }
  }

  async function read(target: ControlTarget, signal?: AbortSignal): Promise<ControlState> {
    const command = new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: ruleOf(target) });
    return asked(
      call('reading an alarm mute rule', async (ends) => {
        try {
          const { Rule, MuteTargets } = await client.send(command, { abortSignal: either(ends, signal) });
          const { Expression = '', Duration = '' } = Rule?.Schedule ?? {};
          return stateOf({
            alarms: MuteTargets?.AlarmNames ?? [],
            from: timeIn(Expression),
            minutes: minutesIn(Duration),
          });
        } catch (error) {
          if (/^ResourceNotFound/.test(codeOf(error))) return NOTHING;
          throw error;
        }
      }),
    );
  }

  return {
    kind: 'mute-rule',
    read: async (target, signal) => read(target, signal),
    async write(target, desired, expected, signal) {
      const name = ruleOf(target);
      const before = await read(target, signal);
      if (before.revision !== expected) return 'changed';
      if (desired === null) {
        const command = new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: name });
        if (before.value !== null)
          await asked(
            call('removing an alarm mute rule', (ends) => client.send(command, { abortSignal: either(ends, signal) })),
          );
        return NOTHING;
      }
      const parsed = DESIRED.safeParse(desired);
      if (!parsed.success) throw new HeadroomError('bug', 'an alarm mute rule needs alarms and times');
      const { alarms, from, minutes } = parsed.data;
      const command = new PutAlarmMuteRuleCommand({
        Name: name,
        Description: `Headroom incident ${name.replace('headroom-', '')}`,
        Rule: { Schedule: { Expression: `at(${from.slice(0, 16)})`, Duration: `PT${minutes}M`, Timezone: 'UTC' } },
        MuteTargets: { AlarmNames: alarms },
      });
      await asked(
        call('writing an alarm mute rule', (ends) => client.send(command, { abortSignal: either(ends, signal) })),
      );
      return stateOf({ alarms, from, minutes });
    },
  };
}

const NOTHING: ControlState = { revision: null, value: null };

function stateOf(value: { alarms: string[]; from: string; minutes: number }): ControlState {
  return { revision: JSON.stringify(value), value };
}

/** @throws HeadroomError `invalid` for whatever is no rule of ours, before anything is asked */
function ruleOf({ kind, id }: ControlTarget): string {
  if (kind === 'mute-rule' && RULE.test(id)) return id;
  throw new HeadroomError('invalid', 'this is the name of no alarm mute rule of ours');
}

function timeIn(expression: string): string {
  const local = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)$/.exec(expression)?.[1];
  return local === undefined ? '' : new Date(`${local}:00Z`).toISOString();
}

function minutesIn(duration: string): number {
  return Number(/^PT(\d+)M$/.exec(duration)?.[1] ?? 0);
}

/**
 * A missing right is told with the policy that grants it; a role that cannot be taken on, whose refusal has a cause of the
 * family, tells itself what to do.
 */
function withGrant(error: HeadroomError, actor: string | undefined): HeadroomError {
  if (error.kind !== 'denied' || isHeadroomError(error.cause)) return error;
  const name = actor?.split('/').at(-1) ?? '<role of the actor>';
  const actions = permissions.iam[0].actions.map((action) => `"${action}"`).join(',');
  return new HeadroomError('denied', `${error.message}: the actor lacks cloudwatch:PutAlarmMuteRule`, {
    cause: error,
    nextStep:
      `Grant it: aws iam put-role-policy --role-name ${name} --policy-name headroom-mute ` +
      `--policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[${actions}],"Resource":"*"}]}'`,
  });
}
