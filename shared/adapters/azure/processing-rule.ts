import * as z from 'zod/mini';
import { HeadroomError } from '../../errors.ts';
import type { ControlState, ControlTarget } from '../../model.ts';
import type { ControlPlane } from '../../ports.ts';
import { createActorCall, jsonOf } from './actor-call.ts';
import type { AlertStatesOptions } from './close-alert.ts';

/** @see https://learn.microsoft.com/rest/api/monitor/alertprocessingrules/alert-processing-rules/create-or-update */
const API_VERSION = '2021-08-08';

/** Rules of our own name alone: what others have made is neither read nor changed. */
const RULE =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[\w.()-]{1,90}\/providers\/microsoft\.alertsmanagement\/actionrules\/headroom-[a-z0-9]{4,40}$/;

const DESIRED = z.object({ scope: z.string(), from: z.string(), until: z.string(), incident: z.string() });
const KEPT = z.object({
  properties: z.object({
    scopes: z.array(z.string()),
    description: z.nullish(z.string()),
    schedule: z.nullish(z.object({ effectiveFrom: z.nullish(z.string()), effectiveUntil: z.nullish(z.string()) })),
  }),
});

/** What the actor needs on the resource groups whose resources it silences. */
export const permissions = {
  arm: [
    'Microsoft.AlertsManagement/actionRules/read',
    'Microsoft.AlertsManagement/actionRules/write',
    'Microsoft.AlertsManagement/actionRules/delete',
  ],
} as const;

/** Alert processing rules that take away the action groups of one resource's alerts until a time. */
export function createProcessingRules({ host, actor, ...options }: AlertStatesOptions): ControlPlane {
  const denied = (what: string, status: number) => missingRole(what, status, actor);
  const ask = createActorCall({ ...options, scope: host.scope, denied });
  const urlOf = (target: ControlTarget): string =>
    `${host.url.replace(/\/+$/, '')}${ruleOf(target)}?api-version=${API_VERSION}`;

  async function read(target: ControlTarget, signal?: AbortSignal): Promise<ControlState> {
    const what = 'reading an alert processing rule';
    const answer = await ask(what, { method: 'GET', url: urlOf(target) }, signal);
    return answer.status === 404 ? NOTHING : stateIn(what, answer.bodyAsText);
  }

  return {
    kind: 'processing-rule',
    read: async (target, signal) => read(target, signal),
    async write(target, desired, expected, signal) {
      const url = urlOf(target);
      const before = await read(target, signal);
      if (before.revision !== expected) return 'changed';
      if (desired === null) {
        if (before.value !== null) await ask('removing an alert processing rule', { method: 'DELETE', url }, signal);
        return NOTHING;
      }
      const body = JSON.stringify(bodyOf(desired));
      const headers = { 'content-type': 'application/json' };
      const what = 'writing an alert processing rule';
      return stateIn(what, (await ask(what, { method: 'PUT', url, headers, body }, signal)).bodyAsText);
    },
  };
}

const NOTHING: ControlState = { revision: null, value: null };

/** @throws HeadroomError `invalid` for whatever is no rule of ours, before anything is asked */
function ruleOf({ kind, id }: ControlTarget): string {
  if (kind === 'processing-rule' && RULE.test(id)) return id;
  throw new HeadroomError('invalid', 'this is the id of no alert processing rule of ours');
}

function bodyOf(desired: unknown): unknown {
  const parsed = DESIRED.safeParse(desired);
  if (!parsed.success) throw new HeadroomError('bug', 'an alert processing rule needs a scope and times');
  const { scope, from, until, incident } = parsed.data;
  return {
    location: 'Global',
    tags: { 'made-by': 'headroom' },
    properties: {
      scopes: [scope],
      actions: [{ actionType: 'RemoveAllActionGroups' }],
      schedule: { effectiveFrom: withoutZone(from), effectiveUntil: withoutZone(until), timeZone: 'UTC' },
      description: `Headroom incident ${incident}`,
      enabled: true,
    },
  };
}

/** The service takes local times of the zone that stands beside them. */
function withoutZone(time: string): string {
  return time.slice(0, 19);
}

function stateIn(what: string, text: string | null | undefined): ControlState {
  const kept = KEPT.safeParse(jsonOf(text));
  if (!kept.success) throw new HeadroomError('invalid', `${what} failed: the answer is no alert processing rule`);
  const { scopes, description, schedule } = kept.data.properties;
  const timeOf = (local: string | null | undefined): string => {
    const ms = Date.parse(`${(local ?? '').slice(0, 19)}Z`);
    return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
  };
  const value = {
    scope: (scopes[0] ?? '').toLowerCase(),
    from: timeOf(schedule?.effectiveFrom),
    until: timeOf(schedule?.effectiveUntil),
    incident: /^Headroom incident (\w+)$/.exec(description ?? '')?.[1] ?? '',
  };
  return { revision: JSON.stringify(value), value };
}

function missingRole(what: string, status: number, actor = '<client id of the actor>'): HeadroomError {
  return new HeadroomError('denied', `${what} failed: ${status}, the actor lacks ${permissions.arm[1]}`, {
    nextStep: `Grant it: az role assignment create --assignee ${actor} --role "Monitoring Contributor" --resource-group <group>`,
  });
}
