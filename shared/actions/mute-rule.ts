import type { ActionRule } from './action.ts';

const ALARM = /^arn:aws(?:-us-gov|-cn)?:cloudwatch:[a-z0-9-]+:\d{12}:alarm:(.{1,255})$/;
const ALARMS_MAX = 100;
/** The service begins and ends whole minutes, and never one that has begun already. */
const MINUTE_MS = 60_000;

/** Mutes the alarms of a silenced incident until the silence ends: an alarm mute rule, which ends by itself. */
export const muteRule: ActionRule = {
  needs: 'approval',
  id: 'mute-rule',
  summary: 'mute the CloudWatch alarms as well, for as long as their incident is silenced',
  touches: 'mute-rule',
  when: 'silenced',
  hasEffect: false,
  undoable: true,
  drafts({ id, rules, resource, silencedUntil }) {
    const names = Object.values(rules).flatMap(({ reference = '' }) => ALARM.exec(reference)?.[1] ?? []);
    const alarms = [...new Set(names)].slice(0, ALARMS_MAX);
    if (alarms.length === 0 || silencedUntil === undefined) return [];
    return [
      {
        title: `Mute ${alarms.length === 1 ? `the alarm ${alarms[0]}` : `${alarms.length} alarms`} in CloudWatch too`,
        params: { until: silencedUntil, alarms },
        target: { kind: 'mute-rule', id: `headroom-${id}`, resource: resource.id },
        risk: 'low',
      },
    ];
  },
  diff: (params, before) =>
    `${before === null ? 'no mute rule' : 'a mute rule'} -> ${alarmsOf(params).join(', ').slice(0, 200)} muted until ${untilOf(params)}`,
  desired(plan, { now }) {
    const until = untilOf(plan.params);
    const fromMs = (Math.floor(Date.parse(now) / MINUTE_MS) + 1) * MINUTE_MS;
    const minutes = Math.max(1, Math.ceil((Date.parse(until) - fromMs) / MINUTE_MS));
    const from = new Date(fromMs).toISOString();
    return { value: { alarms: alarmsOf(plan.params), from, minutes }, endsAt: until };
  },
};

function untilOf(params: unknown): string {
  const until = read(params, 'until');
  return typeof until === 'string' ? until : '';
}

function alarmsOf(params: unknown): string[] {
  const alarms = read(params, 'alarms');
  return Array.isArray(alarms) ? alarms.filter((alarm) => typeof alarm === 'string') : [];
}

function read(params: unknown, name: string): unknown {
  return typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
}
